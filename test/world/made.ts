import type { TestContext } from 'node:test';
import { cloudWorld, type CloudWorld } from '../support/cloudWorld.ts';
import { inCloud, KubeObjects } from '../support/kubeObjects.ts';
import { assertDone } from './verbs.ts';

/** Compute Engine's root for raw requests. */
export const base = '/compute/v1/projects/demo-project';
/** Milliseconds of cluster time. */
export const minute = 60_000;

/** A Service and two volumes, on one of which a pod works. */
export const fill = async (w: CloudWorld) => {
  const kube = await KubeObjects.open(w);
  await kube.storageClass('fast', 'Delete');
  await kube.storageClass('kept', 'Retain');
  const made = {
    balancer: await kube.balancer('web'),
    disk: await kube.claim('data', 'fast'),
    kept: await kube.claim('keep', 'kept'),
  };
  await kube.pod('db', 'data');
  await w.clock.sleep(2 * minute);
  return made;
};

/** A new cluster with them; `look`: what is there before. */
export const begin = async (
  t: TestContext,
  seed: string,
  look: (w: CloudWorld) => Promise<void> = () => Promise.resolve(),
) => {
  const w = await cloudWorld(t, seed);
  await look(w);
  const before = w.resources();
  assertDone(await w.up());
  return { w, before, ...(await fill(w)) };
};

/** The API dies. */
export const kill = async (w: CloudWorld): Promise<void> => {
  await w.request('POST', `${base}/zones/europe-west1-b/instances/kubernetes-master/stop`, {});
  await w.clock.sleep(2 * minute);
};

/** Names of what of these kinds is there, but for the firewalls of the project's default network. */
export const left = (w: CloudWorld): string[] =>
  ['forwardingRules', 'targetPools', 'httpHealthChecks', 'firewalls', 'disks']
    .flatMap((kind) => Object.keys(inCloud(w, kind, '')).map((path) => path.split('/').at(-1) ?? ''))
    .filter((name) => !name.startsWith('default-allow-'));
