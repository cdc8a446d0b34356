import './lean.ts';
import { KubeConnection } from '../../src/kube/connection.ts';
import type { Clock } from '../../src/lib/clock.ts';

// Only what is imported after the bundles were put in place is taken from them.
const { Exec, KubeConfig } = await import('../../src/kube/library.ts');

/** A way into a Kubernetes by the text of a kubeconfig, below what the shipped reader offers. */
export const connectionBy = (kubeconfig: string, clock: Clock): KubeConnection => {
  const config = new KubeConfig();
  config.loadFromString(kubeconfig);
  return new KubeConnection(config, (c) => new Exec(c), clock);
};
