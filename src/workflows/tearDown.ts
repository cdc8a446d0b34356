import type { RemovableRow } from '../gce/kind.ts';
import { kinds, ownKinds, type OwnKind, type Resources } from '../gce/kinds.ts';
import type { Marker } from '../model/marker.ts';
import { names, type Names } from '../model/names.ts';
import { removeAccount, removeBindings } from '../steps/account.ts';
import { refOf, type Inventory, type Root } from '../steps/inventory.ts';
import type { Made } from '../steps/kubernetesMade.ts';
import { holdLease, type Acting } from '../steps/lease.ts';
import { releaseCloudResources } from '../steps/releaseCloudResources.ts';
import { markDisk, removeMade } from '../steps/madeRemoval.ts';
import { deregister } from '../steps/master.ts';
import { removal } from '../steps/resource.ts';
import { removeSecret } from '../steps/secret.ts';
import { removeTemplates } from '../steps/template.ts';
import type { After, CloudStep } from '../steps/world.ts';
import { workflow, type Workflow } from './workflow.ts';

/** A teardown under construction: the cluster, its resources, and the lease. */
interface TearDown extends Workflow {
  readonly cluster: Marker & { readonly name: string; readonly project: string; region: string; readonly names: Names };
  readonly has: Inventory;
  readonly made: Made;
  readonly lease: CloudStep;
}

/**
 * Tears down the whole cluster, in an order in which nothing is still in use and nothing is re-created: what Kubernetes
 * created, while it can still clean up itself; pools; masters (out of the load balancer first); the rest of what
 * Kubernetes created; load balancer, network, secrets, and accounts; and last of all the root record.
 */
export const tearDown = (root: Root, project: string, has: Inventory, made: Made, by: Acting): CloudStep[] => {
  const n = names(root.name);
  const cluster = { cluster: root.name, uid: root.record.uid, name: root.name, project, region: root.region, names: n };
  const w = workflow();
  const t = { ...w, cluster, has, made, lease: w.add(holdLease(cluster, by, [])) };
  const gone = machinesGo(t);
  const machines = [t.lease, ...[...gone.values()].flat()];
  partsGo(t, gone, w.addAll(sweep(made, cluster, machines)));
  w.addAll(Object.values(n.secrets).map((s) => removeSecret(s, cluster, machines)));
  const bindings = w.add(removeBindings(cluster, machines));
  w.addAll([n.masterAccount, n.nodeAccount].map((id) => removeAccount(cluster, id, [bindings])));
  removed(
    t,
    'addresses',
    has.addresses.filter((a) => isRecord(t, a)),
    [...w.steps],
  );
  return w.steps;
};

const isRecord = ({ cluster }: TearDown, a: Resources['addresses']): boolean => a.name === cluster.names.rootAddress;

const removed = <K extends OwnKind>(
  down: TearDown,
  kind: K,
  found: readonly Resources[K][],
  after: After,
  more: { readonly expectedMs?: number } = {},
): After => down.addAll(found.map((r) => removal(refOf(kind, r), down.cluster, [down.lease, ...after], more)));

/** Kinds already removed, with the steps that do it. */
type Gone = Map<RemovableRow, After>;

/** Cluster milliseconds to delete an instance or a group of instances. */
const machine = { expectedMs: 40_000 };

// Pools and masters; once their instances are gone, nothing else is in use.
const machinesGo = (down: TearDown): Gone => {
  const { cluster, has, made, lease } = down;
  const marks = down.addAll(made.disks.map((d) => markDisk(cluster, d, [lease])));
  const released = down.add(releaseCloudResources(cluster.name, [lease, ...marks]));
  const pools = removed(down, 'instanceGroupManagers', has.pools, [...marks, released], machine);
  const templates = down.add(removeTemplates(cluster, has.pools, [lease, ...pools]));
  const master = (m: Resources['instances']) => ({ name: m.name, zone: m.zone ?? '' });
  const out = down.addAll(has.masters.map((m) => deregister(cluster, master(m), [lease, released, ...pools])));
  const masters = removed(down, 'instances', has.masters, [...out, ...pools], machine);
  return new Map<RemovableRow, After>([
    [kinds.instanceGroupManagers, pools],
    [kinds.instanceTemplates, [templates]],
    [kinds.instances, masters],
  ]);
};

// All other kinds, each after those that block it. What Kubernetes created (`swept`) is attached to the network.
const partsGo = (down: TearDown, gone: Gone, swept: After): void => {
  const has: Inventory = { ...down.has, addresses: down.has.addresses.filter((a) => !isRecord(down, a)) };
  for (const kind of ownKinds.filter((k) => !gone.has(kinds[k]))) {
    const inTheWay = kinds[kind].goesAfter.flatMap((row) => gone.get(row) ?? []);
    const hung = kind === 'subnetworks' || kind === 'networks' ? swept : [];
    gone.set(kinds[kind], removed(down, kind, has[kind], [...inTheWay, ...hung]));
  }
};

// A rule uses its pool, a pool its health check. The firewalls go last: they identify the owner of the others if this
// run is killed.
const sweep = (made: Made, owner: Marker, machines: After): After => {
  const w = workflow();
  w.addAll(made.disks.map((r) => removeMade('disks', r, owner, machines)));
  const rules = w.addAll(made.forwardingRules.map((r) => removeMade('forwardingRules', r, owner, machines)));
  const pools = w.addAll(made.targetPools.map((r) => removeMade('targetPools', r, owner, [...machines, ...rules])));
  const checks = made.httpHealthChecks.map((r) => removeMade('httpHealthChecks', r, owner, [...machines, ...pools]));
  const parts = [...machines, ...rules, ...pools, ...w.addAll(checks)];
  w.addAll(made.firewalls.map((r) => removeMade('firewalls', r, owner, parts)));
  return w.steps;
};
