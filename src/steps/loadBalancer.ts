import { message } from '../lib/message.ts';
import { knownFacts } from '../engine/step.ts';
import type { Ref } from '../gce/cloud.ts';
import type { Resources } from '../gce/kinds.ts';
import { poll } from '../lib/deadline.ts';
import type { Cluster } from '../model/cluster.ts';
import { link, linkName } from '../model/links.ts';
import { isOurs, markerDescription, type Marker } from '../model/marker.ts';
import type { Master } from './master.ts';
import { isOff } from './power.ts';
import { createLine, ensure } from './resource.ts';
import { knownAll, type After, type CloudStep, type Reads } from './world.ts';

/** For clients from outside, or machines from inside. */
export type Scheme = 'EXTERNAL' | 'INTERNAL';

/**
 * Checked every 5 s; two failures remove a master, one success adds it (measured in the lab: stable 4–6 s after a power
 * cut).
 */
export const ensureHealthCheck = (cluster: Cluster, after: After): CloudStep<Resources['healthChecks']> => {
  const ref = { kind: 'healthChecks', name: cluster.names.healthCheck, region: cluster.region } as const;
  return ensure({
    id: `health-check:${ref.name}`,
    title: message('Create health check'),
    after,
    ref,
    owner: cluster,
    expectedMs: 5000,
    timeoutMs: 300_000,
    detail: 'https /readyz on 443 every 5 s',
    gcloud: `gcloud compute health-checks create https ${ref.name} --region=${cluster.region} --port=443 --request-path=/readyz --check-interval=5 --timeout=3 --healthy-threshold=1 --unhealthy-threshold=2`,
    body: () => ({
      name: ref.name,
      type: 'HTTPS',
      checkIntervalSec: 5,
      timeoutSec: 3,
      healthyThreshold: 1,
      unhealthyThreshold: 2,
      httpsHealthCheck: { port: 443, requestPath: '/readyz' },
      description: markerDescription(cluster),
    }),
  });
};

/** The masters' group of one zone. Its network is set explicitly because an empty group without one cannot be a backend. */
export const ensureMasterGroup = (
  cluster: Cluster,
  zone: string,
  after: After,
): CloudStep<Resources['instanceGroups']> => {
  const ref = { kind: 'instanceGroups', name: cluster.names.masterGroup, zone } as const;
  return ensure({
    id: `group:${zone}/${ref.name}`,
    title: message('Create instance group for masters in {0}', zone),
    after,
    ref,
    owner: cluster,
    expectedMs: 5000,
    timeoutMs: 300_000,
    gcloud: createLine(ref, ''),
    body: () => ({
      name: ref.name,
      network: link(cluster.project, 'networks', {}, cluster.names.network),
      description: markerDescription(cluster),
    }),
  });
};

/** Seconds that connections to a master may continue after it left its group; until then, nothing else of it is touched. */
export const drainSeconds = 30;

/** Name of a backend service. */
export const backendName = (cluster: Pick<Cluster, 'names'>, scheme: Scheme): string =>
  scheme === 'EXTERNAL' ? cluster.names.externalLb : cluster.names.internalLb;

type Backend = Resources['backendServices']['backends'][number];

/** Link of the masters' group of a zone, as backend services refer to it. */
const groupLink = (cluster: Pick<Cluster, 'project' | 'names'>, zone: string): string =>
  link(cluster.project, 'instanceGroups', { zone }, cluster.names.masterGroup);

/**
 * Regional passthrough backend service over the masters' groups of these zones (plus those it already has); connections
 * to a dead master are dropped at once.
 */
export const ensureBackendService = (
  cluster: Cluster,
  scheme: Scheme,
  zones: readonly string[],
  after: After,
): CloudStep<Resources['backendServices']> => {
  const name = backendName(cluster, scheme);
  const wanted: readonly Backend[] = zones.map((zone) => ({
    group: groupLink(cluster, zone),
    balancingMode: 'CONNECTION',
  }));
  const missing = (found: readonly Backend[]): readonly Backend[] =>
    wanted.filter((w) => !found.some((b) => b.group === w.group));
  const ref = { kind: 'backendServices', name, region: cluster.region } as const;
  return ensure({
    id: `backend-service:${name}`,
    title:
      scheme === 'EXTERNAL' ? message('Create external backend service') : message('Create internal backend service'),
    after,
    ref,
    owner: cluster,
    expectedMs: 8000,
    timeoutMs: 300_000,
    gcloud: createLine(
      ref,
      `--load-balancing-scheme=${scheme} --protocol=TCP --health-checks=${cluster.names.healthCheck} --health-checks-region=${cluster.region}`,
    ),
    body: () => ({
      name,
      loadBalancingScheme: scheme,
      protocol: 'TCP',
      ...(scheme === 'INTERNAL' ? { network: link(cluster.project, 'networks', {}, cluster.names.network) } : {}),
      healthChecks: [link(cluster.project, 'healthChecks', { region: cluster.region }, cluster.names.healthCheck)],
      backends: [...wanted],
      connectionTrackingPolicy: { connectionPersistenceOnUnhealthyBackends: 'NEVER_PERSIST' },
      connectionDraining: { drainingTimeoutSec: drainSeconds },
      description: markerDescription(cluster),
    }),
    differs: ({ backends, fingerprint }) => {
      const more = missing(backends);
      if (more.length === 0) return undefined;
      const added = more.map((b) => zoneOfLink(b.group)).join(', ');
      return { detail: `add the masters in ${added}`, patch: { backends: [...backends, ...more], fingerprint } };
    },
  });
};

const zoneOfLink = (group: string): string => /zones\/([^/]+)/.exec(group)?.[1] ?? group;

/** What a step that changes a backend service needs to know about its cluster. */
export type Balanced = Marker & Pick<Cluster, 'project' | 'region' | 'names'>;

/**
 * The other masters in the zone's group besides the leaving one, in words; undefined if there are none. Another master
 * may have joined between plan and run: then the group stays, and stays a backend.
 */
export const othersIn = async (world: Reads, balanced: Balanced, leaving: Master): Promise<string | undefined> => {
  const ref: Ref<'instanceGroups'> = { kind: 'instanceGroups', name: balanced.names.masterGroup, zone: leaving.zone };
  if ((await world.cloud.compute.get(ref)) === undefined) return undefined;
  const others = (await world.cloud.compute.groupMembers(ref)).map(linkName).filter((name) => name !== leaving.name);
  return others.length === 0 ? undefined : `kept: ${others.join(', ')} is still in it`;
};

interface Detachable {
  readonly service: Resources['backendServices'] | undefined;
  /** Why the group must stay. */
  readonly stays?: string;
}

/**
 * Detaches a zone's masters' group from a backend service, before the group itself is deleted: it is in use until then.
 * A group that still has other masters stays.
 */
export const detachGroup = (
  balanced: Balanced,
  scheme: Scheme,
  leaving: Master,
  after: After,
): CloudStep<void, Detachable> => {
  const { zone } = leaving;
  const ref = { kind: 'backendServices', name: backendName(balanced, scheme), region: balanced.region } as const;
  const rest = (found: Resources['backendServices']): readonly Backend[] =>
    found.backends.filter((b) => b.group !== groupLink(balanced, zone));
  return {
    id: `detach:${zone}/${ref.name}`,
    title: message('Remove the instance group in {0} from {1}', zone, ref.name),
    after,
    timeoutMs: 300_000,
    expectedMs: 8000,
    observe: async (ctx) => {
      const stays = await othersIn(ctx.world, balanced, leaving);
      if (stays !== undefined) return { service: undefined, stays };
      const found = await ctx.world.cloud.compute.get(ref);
      return { service: found !== undefined && isOurs(balanced, found, ref.name) ? found : undefined };
    },
    decide: (seen) => {
      const { service, stays } = knownFacts(seen);
      if (stays !== undefined) return { do: 'nothing', out: undefined, detail: stays };
      if (service === undefined || rest(service).length === service.backends.length)
        return { do: 'nothing', out: undefined };
      return {
        do: 'delete',
        gcloud: `gcloud compute backend-services remove-backend ${ref.name} --region=${balanced.region} --instance-group=${balanced.names.masterGroup} --instance-group-zone=${zone}`,
      };
    },
    perform: async (ctx, _change, { service }) => {
      if (service === undefined) return;
      const body = { backends: [...rest(service)], fingerprint: service.fingerprint };
      const { compute } = ctx.world.cloud;
      await compute.act(await compute.own(ref), 'patch', body, ctx.call());
    },
  };
};

/** What the health checks of both backend services report about a master; undefined if both find it healthy. */
export const backendWords = async (world: Reads, balanced: Balanced, master: Master): Promise<string | undefined> => {
  const group: Ref<'instanceGroups'> = { kind: 'instanceGroups', name: balanced.names.masterGroup, zone: master.zone };
  const schemes = ['EXTERNAL', 'INTERNAL'] as const;
  const states = await Promise.all(
    schemes.map(async (scheme) => {
      const ref = { kind: 'backendServices', name: backendName(balanced, scheme), region: balanced.region } as const;
      const health = await world.cloud.compute.backendHealth(ref, group);
      return { ref, state: health.find((h) => h.instance === master.name)?.state ?? 'not seen yet' };
    }),
  );
  const wrong = states.filter((s) => s.state !== 'HEALTHY').map((s) => `${s.state} in ${s.ref.name}`);
  return wrong.length === 0 ? undefined : wrong.join(', ');
};

/** Waits until both load balancers find a master healthy; only then can the next one be added or removed. */
export const awaitHealthy = (
  balanced: Balanced,
  master: Master,
  after: After,
): CloudStep<void, string | undefined> => ({
  id: `healthy:${master.name}`,
  title: message('Wait until {0} is healthy behind the load balancer', master.name),
  after,
  timeoutMs: 10 * 60_000,
  ifLate: `It is a voter in etcd, but the load balancer sends it no traffic. Health checks must reach its /readyz on port 443; check firewall rule ${balanced.names.firewalls.healthCheck}. Then resume; undo deletes it.`,
  expectedMs: 10_000,
  observe: (ctx) => {
    knownAll(ctx, after);
    return backendWords(ctx.world, balanced, master);
  },
  decide: (seen) => {
    if (!seen.known) return { do: 'wait' };
    return seen.facts === undefined ? { do: 'nothing', out: undefined } : { do: 'wait', detail: seen.facts };
  },
  perform: async (ctx) => {
    await poll(ctx.clock, 2000, ctx.signal, async () => {
      const wrong = await backendWords(ctx.world, balanced, master);
      if (wrong !== undefined) ctx.progress(wrong);
      return wrong === undefined ? true : undefined;
    });
  },
});

/**
 * Waits until connections to a master that left its group have ended: the load balancer lets them continue for that
 * long. Their end cannot be observed, so it waits a fixed time; an instance that is off or gone has none.
 */
export const awaitDrained = (balanced: Balanced, master: Master, after: After): CloudStep<void, boolean> => {
  const ref = { kind: 'instances', name: master.name, zone: master.zone } as const;
  return {
    id: `quiet:${master.name}`,
    title: message('Drain connections to {0}', master.name),
    after,
    timeoutMs: 300_000,
    expectedMs: drainSeconds * 1000,
    observe: async (ctx) => {
      const found = await ctx.world.cloud.compute.get(ref);
      return found !== undefined && isOurs(balanced, found, master.name) && !isOff(found.status);
    },
    decide: (seen) =>
      knownFacts(seen) ? { do: 'wait', detail: `${drainSeconds} s` } : { do: 'nothing', out: undefined },
    perform: (ctx) => ctx.clock.sleep(drainSeconds * 1000, ctx.signal),
  };
};
