import { message } from '../lib/message.ts';
import { knownFacts, type WriteContext } from '../engine/step.ts';
import type { CloudUsers, KubernetesWriter, Manifest, Named } from '../kube/kubernetes.ts';
import { poll } from '../lib/deadline.ts';
import { plural } from '../lib/text.ts';
import { names } from '../model/names.ts';
import { ifAnswers } from './kubernetesApi.ts';
import type { After, CloudStep, Reads, Writes } from './world.ts';

/**
 * Cluster milliseconds: polling interval and Kubernetes' time limit; what remains then is deleted directly in the
 * cloud.
 */
const cleanUp = { everyMs: 5000, deadlineMs: 5 * 60_000 } as const;

/** What the cluster's own API reports as using cloud resources; undefined if the API is down or never existed. */
export const readUsers = (world: Reads, cluster: string, signal?: AbortSignal): Promise<CloudUsers | undefined> =>
  ifAnswers(async () => (await world.kubernetes(names(cluster).secrets.admin))?.cloudUsers(signal));

/**
 * Deletes LoadBalancer Services and the claims of volumes that are not meant to be kept, and waits until their
 * controllers have cleaned up: finalizers hold Services and volumes until their cloud resources are gone.
 */
export const releaseCloudResources = (cluster: string, after: After): CloudStep<void, CloudUsers | undefined> => ({
  id: `let-go:${cluster}`,
  title: message('Release cloud resources created by Kubernetes'),
  after,
  timeoutMs: cleanUp.deadlineMs + 120_000,
  expectedMs: 40_000,
  observe: (ctx) => readUsers(ctx.world, cluster, ctx.signal),
  decide: (seen) => {
    const users = knownFacts(seen);
    if (users === undefined) return { do: 'nothing', out: undefined, detail: 'the API is not responding' };
    if (isClean(users)) return { do: 'nothing', out: undefined };
    return { do: 'delete', detail: words(users), gcloud: lines(users).join('; ') };
  },
  perform: async (ctx) => {
    const start = ctx.clock.monotonic();
    await poll(ctx.clock, cleanUp.everyMs, ctx.signal, async () => {
      const left = await push(ctx, cluster);
      if (left !== undefined && isClean(left)) return true;
      const late = ctx.clock.monotonic() - start >= cleanUp.deadlineMs;
      const rest = left === undefined ? 'the API is not responding' : `left: ${words(left)}`;
      ctx.progress(late ? `${rest}; deleting the rest directly in the cloud` : rest);
      return late || undefined;
    });
  },
});

const goingVolumes = (users: CloudUsers) => users.volumes.filter((x) => x.goes);

const isClean = (users: CloudUsers): boolean =>
  users.balancers.length + users.claims.length + goingVolumes(users).length === 0;

// Repeats all deletions each time: repeating one is harmless, and new objects are included. A claim is deleted before
// its pods, so that no replacement pod can use it.
const push = async (ctx: WriteContext<Writes>, cluster: string): Promise<CloudUsers | undefined> => {
  const users = await readUsers(ctx.world, cluster, ctx.signal);
  const api = await ctx.world.kubernetes(names(cluster).secrets.admin);
  if (users === undefined || api === undefined) return undefined;
  return ifAnswers(async () => {
    await removeAll(api, users);
    return users;
  });
};

const core = (kind: string, { name, namespace }: Named): Manifest => ({
  apiVersion: 'v1',
  kind,
  metadata: { name, namespace },
});

const removeAll = async (api: KubernetesWriter, users: CloudUsers): Promise<void> => {
  for (const service of users.balancers) await api.remove(core('Service', service));
  for (const claim of users.claims) await api.remove(core('PersistentVolumeClaim', claim));
  for (const pod of users.pods.filter((p) => !p.ending)) await api.remove(core('Pod', pod));
};

const named = (objects: readonly Named[]): string => objects.map((o) => `${o.namespace}/${o.name}`).join(', ');

const words = (users: CloudUsers): string =>
  [
    ...(users.balancers.length === 0 ? [] : [`load balancers of ${named(users.balancers)}`]),
    ...(users.claims.length === 0 ? [] : [`claims ${named(users.claims)} and their data`]),
    ...(goingVolumes(users).length === 0 ? [] : [plural(goingVolumes(users).length, 'volume')]),
  ].join('; ');

const lines = ({ balancers, claims }: CloudUsers): string[] => [
  ...balancers.map((s) => `kubectl delete service ${s.name} -n ${s.namespace}`),
  ...claims.map((c) => `kubectl delete pvc ${c.name} -n ${c.namespace}`),
];
