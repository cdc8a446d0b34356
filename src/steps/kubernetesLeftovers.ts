import type { CloudReader } from '../gce/cloud.ts';
import type { RemovableKind } from '../gce/kinds.ts';
import { linkName } from '../model/links.ts';
import { balancerOf, checkOf, claimOf, isMadeFirewall, serviceOf } from '../model/madeByKubernetes.ts';
import { markerOf } from '../model/marker.ts';
import { leftoverOf, type Leftover } from './leftover.ts';

// Volumes of another product (GKE), recognized by this label even when unattached.
const otherClusters = 'goog-k8s-cluster-name';

/**
 * What some Kubernetes cluster created and no machine uses anymore: load balancers without any existing machine, with
 * their firewalls and health checks, and unattached disks of claims. Nothing identifies the owner, so they are only
 * listed. `live`: uids of the existing clusters; what is attached to their networks is theirs.
 */
export const kubernetesLeftovers = async (cloud: CloudReader, live: ReadonlySet<string>): Promise<Leftover[]> => {
  const { compute } = cloud;
  const [machines, networks, walls, pools, rules, checks, disks] = await Promise.all([
    compute.list('instances'),
    compute.list('networks'),
    compute.list('firewalls'),
    compute.list('targetPools'),
    compute.list('forwardingRules'),
    compute.list('httpHealthChecks'),
    compute.list('disks'),
  ]);
  const there = new Set(machines.map((i) => i.selfLink));
  const theirs = new Set(networks.filter((n) => live.has(markerOf(n)?.uid ?? '')).map((n) => n.selfLink));
  const served = pools.filter((p) => p.instances.some((i) => there.has(i)));
  const targets = new Set(served.map((p) => p.selfLink));
  const dead = rules.filter(
    (r) => serviceOf(r) !== undefined && r.backendService === '' && !targets.has(r.target) && !theirs.has(r.network),
  );
  const balancers = new Set(rules.filter((r) => !dead.includes(r)).map((r) => r.name));
  const checked = new Set(served.flatMap((p) => p.healthChecks.map(linkName)));
  const isIdle = (firewall: string): boolean => {
    const [balancer, check] = [balancerOf(firewall), checkOf(firewall)];
    return balancer === undefined ? check !== undefined && !checked.has(check) : !balancers.has(balancer);
  };
  return [
    ...dead.map((r) => leftover('forwardingRules', r, serviceOf(r))),
    ...pools
      .filter((p) => serviceOf(p) !== undefined && !served.includes(p))
      .map((p) => leftover('targetPools', p, serviceOf(p))),
    ...checks
      .filter((c) => checkOf(`${c.name}-http-hc`) !== undefined && !checked.has(c.name))
      .map((c) => leftover('httpHealthChecks', c, undefined)),
    ...walls
      .filter((f) => isMadeFirewall(f) && !theirs.has(f.network) && isIdle(f.name))
      .map((f) => leftover('firewalls', f, serviceOf(f))),
    ...disks
      .filter((d) => claimOf(d) !== undefined && d.users.length === 0)
      .filter((d) => markerOf(d) === undefined && d.labels[otherClusters] === undefined)
      .map((d) => leftover('disks', d, claimOf(d))),
  ];
};

const leftover = (
  kind: RemovableKind,
  found: { name: string; zone?: string | undefined; region?: string | undefined },
  made: string | undefined,
): Leftover => ({
  ...leftoverOf(kind, found),
  ...{ cluster: '', uid: '' },
  whose: `created by Kubernetes${made === undefined ? '' : ` for ${made}`}, not used by any instance`,
});
