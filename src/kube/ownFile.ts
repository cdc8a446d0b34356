import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

/** The person's own kubeconfig as kubectl writes it: the first file of KUBECONFIG, else ~/.kube/config. */
export const ownKubeconfig = (env: NodeJS.ProcessEnv): string =>
  env.KUBECONFIG?.split(delimiter)[0] || join(homedir(), '.kube', 'config');
