import assert from 'node:assert/strict';
import type { LabCloud } from '../cloud/labCloud.ts';
import { outside } from '../cloud/outside.ts';
import type { Person } from '../scenario.ts';

const metadata = '169.254.169.254';
// Google's server refuses requests without this header: only with it does a refusal prove the machine's rules.
const question = ['Metadata-Flavor: Google', `http://${metadata}/computeMetadata/v1/instance/name`] as const;

/**
 * A pod's egress: DNS through the metadata server's resolver, but nothing else of that server, which hands out the
 * machine's identity; and the internet, which sees the machine's address, because Google translates only that one.
 */
export const podNetwork = async (person: Person, cloud: LabCloud, zone: string): Promise<void> => {
  await person.kubectl(['run', 'outward', '--image=busybox', '--restart=Never', '--', 'sleep', '3600']);
  await person.kubectl(['wait', '--for=condition=Ready', 'pod/outward', '--timeout=60s']);
  const inPod = (command: string): Promise<string> => person.kubectl(['exec', 'outward', '--', 'sh', '-c', command]);
  const [header, url] = question;

  const node = await person.kubectl(['get', 'pod', 'outward', '-o', 'jsonpath={.spec.nodeName}']);
  const address = 'jsonpath={.status.addresses[?(@.type=="InternalIP")].address}';
  const machine = await person.kubectl(['get', 'node', node, '-o', address]);
  assert.equal(await inPod(`wget -q -O- http://${outside.name}/`), machine, 'the world sees the machine');

  const asked = await cloud.machine(zone, node).run(['curl', '-sSf', '-m', '5', '-H', header, url]);
  assert.equal(asked.out, node, `the machine itself may ask: ${asked.err}`);
  assert.match(await inPod(`nslookup ${outside.name} ${metadata}`), new RegExp(`Address: ${outside.ip}\n`));
  const refused = await inPod(`wget -O- --header '${header}' ${url} 2>&1 || echo "ended with $?"`);
  assert.match(refused, /Connection refused\.\nended with 4\n$/, 'a pod may not');
  await person.kubectl(['delete', 'pod', 'outward', '--now']);
};
