import { once } from 'node:events';
import type { LabCloud } from '../cloud/labCloud.ts';
import { fabricNamespace } from '../machines/names.ts';
import type { Person } from '../scenario.ts';
import { firstCluster } from './first.ts';

/** The article's first cluster, kept until Ctrl+C, for inspection. */
export const hold = async (person: Person, cloud: LabCloud): Promise<void> => {
  await firstCluster(person, cloud);
  console.log(`
A shell there:  nsenter --net=/run/netns/${fabricNamespace} bash
Then:           . ${person.env.TRIZONE_STATE}/env.sh; export KUBECONFIG=${person.env.KUBECONFIG} PATH=${person.env.PATH}
Machines:       ${person.env.TRIZONE_STATE}/machines/*/serial.log
End it with Ctrl+C.`);
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
};
