import type { Cluster, PoolSpec } from '../model/cluster.ts';
import { markerLabels } from '../model/marker.ts';
import { ensureAccount, ensureBindings } from '../steps/account.ts';
import { ensureInternalAddress } from '../steps/address.ts';
import { bootMaster } from '../steps/boot.ts';
import { clusterRules, ensureFirewall } from '../steps/firewall.ts';
import { labelParts, type Unlabelled } from '../steps/labels.ts';
import { holdLease, type Acting } from '../steps/lease.ts';
import {
  ensureBackendService,
  ensureForwardingRule,
  ensureHealthCheck,
  ensureMasterGroup,
} from '../steps/loadBalancer.ts';
import { register, type Master } from '../steps/master.ts';
import { ensureNetwork, ensureSubnet } from '../steps/network.ts';
import { ensurePool, fillPool } from '../steps/pool.ts';
import { nodesReady } from '../steps/poolNodes.ts';
import {
  checkApis,
  checkMachineTypes,
  checkNameFree,
  checkPermissions,
  checkQuota,
  checkZone,
  resolveImage,
} from '../steps/preflight.ts';
import { ensureRoot, nameIsOurs } from '../steps/root.ts';
import { ensureSecret } from '../steps/secret.ts';
import { ensureTemplate } from '../steps/template.ts';
import { validateCluster } from '../steps/validate.ts';
import type { CloudStep } from '../steps/world.ts';
import { masterMachine, oneByOne, ownAddresses } from './masters.ts';

/** How a create runs, beside what it makes. */
export interface CreateOptions {
  /** ISO time, part of the root record. */
  readonly created: string;
  readonly by: Acting;
  /** Masters of the further zones; their names were chosen once. */
  readonly replicas: readonly Master[];
}

/**
 * The whole cluster as one plan, ready for high availability: root record first, load balancer before any master, the first
 * master registered before its `kubeadm init` (hairpin); accounts, network, load balancer, pools and the machines of all
 * masters side by side, replicas let in one after the other.
 */
export const createCluster = (c: Cluster, o: CreateOptions): CloudStep[] => {
  const first = { name: c.names.firstMaster, zone: c.zone };
  const wanted = { masters: [first, ...o.replicas], pools: c.pools };
  const apis = checkApis(c.project);
  const permissions = checkPermissions(c.project, [apis]);
  const up = c.zones.map((zone) => checkZone(zone, [apis]));
  const types = checkMachineTypes(c, wanted, up);
  const quota = checkQuota(c, wanted, types);
  const image = resolveImage([apis]);
  const free = checkNameFree(c, [apis]);
  const checks = [apis, permissions, ...up, types, quota, image, free];

  const root = ensureRoot(c, o.created, checks);
  const lease = holdLease(c, o.by, [root], { marks: markerLabels(c, 'lb') });
  const held = [lease, nameIsOurs(c, lease)];

  const masterAccount = ensureAccount(c, c.names.masterAccount, "Create masters' service account", held);
  const nodeAccount = ensureAccount(c, c.names.nodeAccount, "Create nodes' service account", held);
  const bindings = ensureBindings(c, [masterAccount, nodeAccount]);
  const secrets = clusterSecrets(c, [masterAccount, nodeAccount]);

  const network = ensureNetwork(c, held);
  const subnet = ensureSubnet(c, [network]);
  const firewalls = clusterRules(c).map((rule) => ensureFirewall(c, rule, [network]));
  const internal = ensureInternalAddress(c, c.names.internalAddress, 'lb', {}, [subnet]);

  const health = ensureHealthCheck(c, held);
  const groups = c.zones.map((zone) => ensureMasterGroup(c, zone, [network]));
  const external = ensureBackendService(c, 'EXTERNAL', c.zones, [health, ...groups]);
  const inner = ensureBackendService(c, 'INTERNAL', c.zones, [health, ...groups]);
  const externalRule = ensureForwardingRule(c, 'EXTERNAL', root, [external]);
  const internalRule = ensureForwardingRule(c, 'INTERNAL', internal, [inner, subnet]);

  const parts = { external: root, internal, image };
  const identity = [...firewalls, ...secrets, bindings];
  const ready = [...identity, externalRule, internalRule];
  const own = masterMachine(c, first, 'first', parts, [subnet], ready);
  const door = register(c, first, [own.machine]);
  const served = bootMaster(first, { joins: 'kubeadm init on the machine itself', first: c }, [door]);
  const replicas = o.replicas.map((m) => masterMachine(c, m, 'replica', parts, [subnet], ready));
  const masters = [own, ...replicas];
  const labels = labelParts(
    c,
    [...endpointParts(c), ...ownAddresses(c, masters)],
    [internal, externalRule, internalRule, ...masters.map((m) => m.own)],
  );
  const joins = oneByOne(c, replicas, [first.name], [served]);

  const template = ensureTemplate(c, c.pool, parts, [nodeAccount, subnet]);
  const pools = c.pools.map((p) => poolSteps(c, p, template, identity, served));
  const valid = validateCluster(c, [...pools.map((p) => p.joined), ...joins.slice(-1)]);

  return [
    ...[...checks, root, ...held, masterAccount, nodeAccount, bindings, ...secrets],
    ...[network, subnet, ...firewalls, internal, health, ...groups, external, inner, externalRule, internalRule],
    ...[...own.steps, door, served, ...replicas.flatMap((r) => r.steps), labels, ...joins],
    ...[template, ...pools.flatMap((p) => p.steps), valid],
  ];
};

// The root record gets its labels with the lease.
const endpointParts = ({ names: n }: Cluster): Unlabelled[] => [
  { kind: 'addresses', name: n.internalAddress, role: 'lb' },
  { kind: 'forwardingRules', name: n.externalLb, role: 'lb' },
  { kind: 'forwardingRules', name: n.internalLb, role: 'lb' },
];

const poolSteps = (c: Cluster, p: PoolSpec, template: CloudStep<string>, after: CloudStep[], served: CloudStep) => {
  const pool = ensurePool(c, p, template, after);
  const full = fillPool(c, p, pool, []);
  const joined = nodesReady(c, p, [full, served]);
  return { joined, steps: [pool, full, joined] };
};

/** CA bundle and join token are written by the masters; nodes may read the join token only. */
const clusterSecrets = (c: Cluster, after: CloudStep[]): CloudStep[] => {
  const { secrets, masterAccount, nodeAccount } = c.names;
  const common = { owner: c, project: c.project, writers: [masterAccount] };
  return [
    ensureSecret({ ...common, name: secrets.pki, title: 'Create secret for the CA', readers: [masterAccount] }, after),
    ensureSecret(
      {
        ...common,
        name: secrets.join,
        title: 'Create secret for the join token',
        readers: [masterAccount, nodeAccount],
      },
      after,
    ),
    ensureSecret(
      { ...common, name: secrets.admin, title: 'Create secret for the admin kubeconfig', readers: [masterAccount] },
      after,
    ),
  ];
};
