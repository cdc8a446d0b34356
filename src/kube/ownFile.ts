import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

/** The user's own kubeconfig that kubectl would write: the first file in KUBECONFIG, otherwise ~/.kube/config. */
export const ownKubeconfig = (env: NodeJS.ProcessEnv): string =>
  env.KUBECONFIG?.split(delimiter)[0] || join(homedir(), '.kube', 'config');
