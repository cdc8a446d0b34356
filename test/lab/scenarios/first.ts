import assert from 'node:assert/strict';
import type { LabCloud } from '../cloud/labCloud.ts';
import type { Person } from '../scenario.ts';

/** The article's first cluster, proven and torn down: one master, three nodes. */
export const first = async (person: Person, cloud: LabCloud): Promise<void> => {
  const b = { KUBE_GCE_ZONE: 'europe-west1-b', NUM_NODES: '3' };
  await person.trizone(['kube-up', '--yes'], { ...b, MULTIZONE: 'true' });
  cloud.check();
  const nodes = await person.kubectl(['get', 'nodes', '--no-headers']);
  assert.equal(nodes.match(/\sReady/g)?.length, 4, nodes);
  await person.trizone(['smoke']);
  await person.trizone(['validate']);
  await person.trizone(['kube-down', '--yes'], b);
  assert.match(await person.trizone(['leftovers']), /^0 leftovers/);
};
