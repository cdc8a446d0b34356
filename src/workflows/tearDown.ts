import type { RemovableRow } from '../gce/kind.ts';
import { kinds, ownKinds, type OwnKind, type Resources } from '../gce/kinds.ts';
import type { Marker } from '../model/marker.ts';
import { names } from '../model/names.ts';
import { removeAccount, removeBindings } from '../steps/account.ts';
import { refOf, type Inventory, type Root } from '../steps/inventory.ts';
import type { Made } from '../steps/kubernetesMade.ts';
import { holdLease, type Acting } from '../steps/lease.ts';
import { letGo } from '../steps/letGo.ts';
import { markDisk, removeMade } from '../steps/madeRemoval.ts';
import { deregister } from '../steps/master.ts';
import { removal } from '../steps/resource.ts';
import { removeSecret } from '../steps/secret.ts';
import { removeTemplates } from '../steps/template.ts';
import type { After, CloudStep } from '../steps/world.ts';

/**
 * Takes the whole cluster away, in the order in which nothing is in use and nothing comes back: what Kubernetes made while it
 * can still clean up itself, pools, masters (out of the load balancer first), what is left of what Kubernetes made, load
 * balancer, network, secrets and accounts, and at the very end the root record.
 */
export const tearDown = (root: Root, project: string, has: Inventory, made: Made, by: Acting): CloudStep[] => {
  const owner = { cluster: root.name, uid: root.record.uid };
  const n = names(root.name);
  const c = { ...owner, name: root.name, project, region: root.region, names: n };

  const lease = holdLease(c, by, []);
  const marks = made.disks.map((d) => markDisk(owner, d, [lease]));
  const cleaned = letGo(root.name, [lease, ...marks]);
  const slow = { expectedMs: 40_000 };
  const pools = gone(owner, 'instanceGroupManagers', has.pools, [lease, ...marks, cleaned], slow);
  const templates = removeTemplates(c, has.pools, [lease, ...pools]);
  const out = has.masters.map((m) => deregister(c, { name: m.name, zone: m.zone ?? '' }, [lease, cleaned, ...pools]));
  const masters = gone(owner, 'instances', has.masters, [lease, ...out, ...pools], slow);
  const machines = [lease, ...pools, ...masters];
  const swept = sweep(made, owner, machines);

  const isRecord = (a: { name: string }): boolean => a.name === n.rootAddress;
  const parts = partsGo(owner, { ...has, addresses: has.addresses.filter((a) => !isRecord(a)) }, lease, swept, [
    [kinds.instanceGroupManagers, pools],
    [kinds.instanceTemplates, [templates]],
    [kinds.instances, masters],
  ]);

  const secrets = Object.values(n.secrets).map((s) => removeSecret(s, owner, machines));
  const bindings = removeBindings(c, machines);
  const accounts = [n.masterAccount, n.nodeAccount].map((id) => removeAccount(c, id, [bindings]));

  const before = [
    ...[lease, ...marks, cleaned, ...pools, templates, ...out, ...masters, ...swept, ...parts],
    ...[...secrets, bindings, ...accounts],
  ];
  return [...before, ...gone(owner, 'addresses', has.addresses.filter(isRecord), before)];
};

const gone = <K extends OwnKind>(
  owner: Marker,
  kind: K,
  found: readonly Resources[K][],
  after: After,
  more: { expectedMs?: number } = {},
): CloudStep[] => found.map((r) => removal(refOf(kind, r), owner, after, more));

// All other kinds, each after those that are in its way. What Kubernetes made (`swept`) hangs on the network.
const partsGo = (
  owner: Marker,
  has: Inventory,
  lease: CloudStep,
  swept: After,
  known: readonly (readonly [RemovableRow, CloudStep[]])[],
): CloudStep[] => {
  const steps = new Map(known);
  const others = ownKinds.filter((kind) => !steps.has(kinds[kind]));
  for (const kind of others) {
    const inTheWay = kinds[kind].goesAfter.flatMap((row) => steps.get(row) ?? []);
    const hung = kind === 'subnetworks' || kind === 'networks' ? swept : [];
    steps.set(kinds[kind], gone(owner, kind, has[kind], [lease, ...inTheWay, ...hung]));
  }
  return others.flatMap((kind) => steps.get(kinds[kind]) ?? []);
};

// A rule holds its pool, a pool its health check. The firewalls come last: they tell whose the others are, should this run be
// killed.
const sweep = (made: Made, owner: Marker, machines: After): CloudStep[] => {
  const disks = made.disks.map((r) => removeMade('disks', r, owner, machines));
  const rules = made.forwardingRules.map((r) => removeMade('forwardingRules', r, owner, machines));
  const pools = made.targetPools.map((r) => removeMade('targetPools', r, owner, [...machines, ...rules]));
  const checks = made.httpHealthChecks.map((r) => removeMade('httpHealthChecks', r, owner, [...machines, ...pools]));
  const parts = [...machines, ...rules, ...pools, ...checks];
  return [
    ...disks,
    ...rules,
    ...pools,
    ...checks,
    ...made.firewalls.map((r) => removeMade('firewalls', r, owner, parts)),
  ];
};
