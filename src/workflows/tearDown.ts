import type { Resources } from '../gce/resources.ts';
import type { Marker } from '../model/marker.ts';
import { names } from '../model/names.ts';
import { removeAccount, removeBindings } from '../steps/account.ts';
import { refOf, type Inventory, type Root } from '../steps/inventory.ts';
import type { Made } from '../steps/kubernetesMade.ts';
import { holdLease, type Acting } from '../steps/lease.ts';
import { letGo } from '../steps/letGo.ts';
import { markDisk, removeMade } from '../steps/madeRemoval.ts';
import { deregister } from '../steps/master.ts';
import { remove, words, type OwnKind } from '../steps/resource.ts';
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
  const gone = <K extends OwnKind>(
    kind: K,
    found: readonly Resources[K][],
    after: After,
    more: { expectedMs?: number } = {},
  ): CloudStep[] =>
    found.map((r) => {
      const where = r.zone === undefined ? '' : `${r.zone}/`;
      return remove({
        id: `remove-${kind}:${where}${r.name}`,
        title: `Remove ${words(refOf(kind, r))}`,
        after,
        ref: refOf(kind, r),
        owner,
        ...more,
      });
    });

  const lease = holdLease(c, by, []);
  const marks = made.disks.map((d) => markDisk(owner, d, [lease]));
  const cleaned = letGo(root.name, [lease, ...marks]);
  const pools = gone('instanceGroupManagers', has.pools, [lease, ...marks, cleaned], { expectedMs: 40_000 });
  const templates = removeTemplates(c, has.pools, [lease, ...pools]);
  const out = has.masters.map((m) => deregister(c, { name: m.name, zone: m.zone ?? '' }, [lease, cleaned, ...pools]));
  const masters = gone('instances', has.masters, [lease, ...out, ...pools], { expectedMs: 40_000 });
  const machines = [lease, ...pools, ...masters];
  const disks = gone('disks', has.disks, machines);
  const swept = sweep(made, owner, machines);

  const rules = gone('forwardingRules', has.forwardingRules, machines);
  const services = gone('backendServices', has.backendServices, [lease, ...rules]);
  const groups = gone('instanceGroups', has.groups, [...machines, ...services]);
  const checks = gone('healthChecks', has.healthChecks, [lease, ...services]);
  const inner = has.addresses.filter((a) => a.name !== n.rootAddress);
  const addresses = gone('addresses', inner, [...machines, ...rules]);

  const firewalls = gone('firewalls', has.firewalls, machines);
  const subnets = gone('subnetworks', has.subnetworks, [...machines, ...addresses, ...rules, ...swept]);
  const networks = gone('networks', has.networks, [lease, ...subnets, ...firewalls, ...groups, ...services, ...swept]);

  const secrets = Object.values(n.secrets).map((s) => removeSecret(s, owner, machines));
  const bindings = removeBindings(c, machines);
  const accounts = [n.masterAccount, n.nodeAccount].map((id) => removeAccount(c, id, [bindings]));

  const before = [
    ...[
      lease,
      ...marks,
      cleaned,
      ...pools,
      templates,
      ...out,
      ...masters,
      ...disks,
      ...swept,
      ...rules,
      ...services,
      ...groups,
      ...checks,
    ],
    ...[...addresses, ...firewalls, ...subnets, ...networks, ...secrets, bindings, ...accounts],
  ];
  const last = gone(
    'addresses',
    has.addresses.filter((a) => a.name === n.rootAddress),
    before,
  );
  return [...before, ...last];
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
