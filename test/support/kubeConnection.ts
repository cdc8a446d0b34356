import './lean.ts';
import { KubeConnection } from '../../src/kube/connection.ts';
import type { Clock } from '../../src/lib/clock.ts';

// A dynamic import, because only modules imported after the bundles were installed come from them.
const { Exec, KubeConfig } = await import('../../src/kube/library.ts');

/** A connection to a Kubernetes from the text of a kubeconfig, at a lower level than the shipped reader. */
export const connectionBy = (kubeconfig: string, clock: Clock): KubeConnection => {
  const config = new KubeConfig();
  config.loadFromString(kubeconfig);
  return new KubeConnection(config, (c) => new Exec(c), clock);
};
