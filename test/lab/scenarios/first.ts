import assert from 'node:assert/strict';
import type { LabCloud } from '../cloud/labCloud.ts';
import type { Person } from '../scenario.ts';
import { podNetwork } from './podNetwork.ts';
import { powerButton } from './powerButton.ts';

const b = { KUBE_GCE_ZONE: 'europe-west1-b', NUM_NODES: '3' };

/** The article's first line. */
export const firstCluster = async (person: Person, cloud: LabCloud): Promise<void> => {
  await person.trizone(['kube-up', '--yes'], { ...b, MULTIZONE: 'true' });
  cloud.check();
};

/** The article's first cluster, verified and torn down: one master, three nodes. */
export const first = async (person: Person, cloud: LabCloud): Promise<void> => {
  await firstCluster(person, cloud);
  const nodes = await person.kubectl(['get', 'nodes', '--no-headers']);
  assert.equal(nodes.match(/\sReady/g)?.length, 4, nodes);
  await person.trizone(['smoke']);
  await podNetwork(person, cloud, b.KUBE_GCE_ZONE);
  await powerButton(person, cloud, b.KUBE_GCE_ZONE);
  await person.trizone(['validate']);
  await person.trizone(['kube-down', '--yes'], b);
  await person.leftNothing();
};
