import { message } from '../lib/message.ts';
import type { Resources } from '../gce/kinds.ts';
import type { Cluster } from '../model/cluster.ts';
import { markerLabels } from '../model/marker.ts';
import { ensureAccount, ensureBindings } from '../steps/account.ts';
import { ensureInternalAddress } from '../steps/address.ts';
import { bootMaster } from '../steps/boot.ts';
import { clusterRules, ensureFirewall } from '../steps/firewall.ts';
import { labelParts, type Unlabelled } from '../steps/labels.ts';
import { holdLease, type Acting } from '../steps/lease.ts';
import { ensureBackendService, ensureHealthCheck, ensureMasterGroup } from '../steps/loadBalancer.ts';
import { ensureForwardingRule } from '../steps/forwardingRule.ts';
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
  type WantedMachines,
} from '../steps/preflight.ts';
import { ensureRoot, nameIsOurs } from '../steps/root.ts';
import { ensureSecret } from '../steps/secret.ts';
import { ensureTemplate } from '../steps/template.ts';
import { validateCluster } from '../steps/validate.ts';
import type { After, CloudStep } from '../steps/world.ts';
import type { MachineParts } from './machineChecks.ts';
import { masterMachine, oneByOne, ownAddresses } from './masters.ts';
import { workflow, type Workflow } from './workflow.ts';

/** How a create runs, apart from what it creates. */
export interface CreateOptions {
  /** ISO time, part of the root record. */
  readonly created: string;
  readonly by: Acting;
  /** Masters of the other zones; their names are chosen only once. */
  readonly replicas: readonly Master[];
}

/**
 * The whole cluster as one plan, ready for high availability: the root record first, the load balancer before any
 * master, the first master registered before its `kubeadm init` (hairpin); accounts, network, load balancer, pools, and
 * the instances of all masters in parallel; replicas join one after the other.
 */
export const createCluster = (cluster: Cluster, options: CreateOptions): CloudStep[] => {
  const w = workflow();
  const wanted = { masters: [firstMaster(cluster), ...options.replicas], pools: cluster.pools };
  const { image, checks } = createChecks(w, cluster, wanted);
  const root = w.add(ensureRoot(cluster, options.created, checks));
  const lease = w.add(holdLease(cluster, options.by, [root], { marks: markerLabels(cluster, 'lb') }));
  const held = [lease, w.add(nameIsOurs(cluster, lease))];
  const who = identity(w, cluster, held);
  const net = networkOf(w, cluster, held);
  const lb = loadBalancer(w, cluster, root, net, held);
  const shared: Shared = {
    parts: { external: root, internal: net.internal, image },
    subnet: net.subnet,
    identity: [...net.firewalls, ...who.secrets, who.bindings],
    ...{ lb, nodeAccount: who.nodeAccount },
  };
  const { served, last } = masters(w, cluster, options.replicas, shared);
  const joined = pools(w, cluster, shared, served);
  w.add(validateCluster(cluster, [...joined, ...last]));
  return w.steps;
};

/** What masters and pools are built from. */
interface Shared {
  readonly parts: MachineParts;
  readonly subnet: CloudStep;
  /** What a machine needs from its first second: firewall rules, secrets, roles. */
  readonly identity: After;
  readonly lb: LoadBalancer;
  readonly nodeAccount: CloudStep;
}

const firstMaster = (c: Cluster): Master => ({ name: c.names.firstMaster, zone: c.zone });

const createChecks = (
  into: Workflow,
  cluster: Cluster,
  wanted: WantedMachines,
): { image: CloudStep<string>; checks: After } => {
  const apis = into.add(checkApis(cluster.project));
  into.add(checkPermissions(cluster.project, [apis]));
  const up = into.addAll(cluster.zones.map((zone) => checkZone(zone, [apis])));
  const types = into.add(checkMachineTypes(cluster, wanted, up));
  into.add(checkQuota(cluster, wanted, types));
  const image = into.add(resolveImage([apis]));
  into.add(checkNameFree(cluster, [apis]));
  return { image, checks: [...into.steps] };
};

const identity = (into: Workflow, cluster: Cluster, held: After) => {
  const masterAccount = into.add(
    ensureAccount(cluster, cluster.names.masterAccount, message('Create service account for masters'), held),
  );
  const nodeAccount = into.add(
    ensureAccount(cluster, cluster.names.nodeAccount, message('Create service account for nodes'), held),
  );
  const bindings = into.add(ensureBindings(cluster, [masterAccount, nodeAccount]));
  const secrets = into.addAll(clusterSecrets(cluster, [masterAccount, nodeAccount]));
  return { nodeAccount, bindings, secrets };
};

const networkOf = (into: Workflow, cluster: Cluster, held: After) => {
  const network = into.add(ensureNetwork(cluster, held));
  const subnet = into.add(ensureSubnet(cluster, [network]));
  const firewalls = into.addAll(clusterRules(cluster).map((rule) => ensureFirewall(cluster, rule, [network])));
  const internal = into.add(ensureInternalAddress(cluster, cluster.names.internalAddress, 'lb', {}, [subnet]));
  return { network, subnet, firewalls, internal };
};

/** The API's forwarding rules, and the step that labels them. */
interface LoadBalancer {
  readonly rules: readonly [CloudStep, CloudStep];
  readonly labelled: After;
}

const loadBalancer = (
  into: Workflow,
  cluster: Cluster,
  root: CloudStep<Resources['addresses']>,
  net: ReturnType<typeof networkOf>,
  held: After,
): LoadBalancer => {
  const health = into.add(ensureHealthCheck(cluster, held));
  const groups = into.addAll(cluster.zones.map((zone) => ensureMasterGroup(cluster, zone, [net.network])));
  const external = into.add(ensureBackendService(cluster, 'EXTERNAL', cluster.zones, [health, ...groups]));
  const inner = into.add(ensureBackendService(cluster, 'INTERNAL', cluster.zones, [health, ...groups]));
  const externalRule = into.add(ensureForwardingRule(cluster, 'EXTERNAL', root, [external]));
  const internalRule = into.add(ensureForwardingRule(cluster, 'INTERNAL', net.internal, [inner, net.subnet]));
  return { rules: [externalRule, internalRule], labelled: [net.internal, externalRule, internalRule] };
};

const masters = (into: Workflow, cluster: Cluster, more: readonly Master[], shared: Shared) => {
  const first = firstMaster(cluster);
  const ready = [...shared.identity, ...shared.lb.rules];
  const own = masterMachine(into, cluster, first, 'first', shared.parts, [shared.subnet], ready);
  const registered = into.add(register(cluster, first, [own.machine]));
  const served = into.add(
    bootMaster(first, { joins: 'runs kubeadm init on the instance', first: cluster }, [registered]),
  );
  const replicas = more.map((m) => masterMachine(into, cluster, m, 'replica', shared.parts, [shared.subnet], ready));
  const all = [own, ...replicas];
  const labelled = [...endpointParts(cluster), ...ownAddresses(cluster, all)];
  into.add(labelParts(cluster, labelled, [...shared.lb.labelled, ...all.map((m) => m.own)]));
  return { served, last: oneByOne(into, cluster, replicas, [first.name], [served]).slice(-1) };
};

const pools = (into: Workflow, cluster: Cluster, shared: Shared, served: CloudStep): After => {
  const template = into.add(ensureTemplate(cluster, cluster.pool, shared.parts, [shared.nodeAccount, shared.subnet]));
  return cluster.pools.map((spec) => {
    const pool = into.add(ensurePool(cluster, spec, template, shared.identity));
    const full = into.add(fillPool(cluster, spec, pool, []));
    return into.add(nodesReady(cluster, spec, [full, served]));
  });
};

// The root record gets its labels with the lease.
const endpointParts = ({ names: n }: Cluster): Unlabelled[] => [
  { kind: 'addresses', name: n.internalAddress, role: 'lb' },
  { kind: 'forwardingRules', name: n.externalLb, role: 'lb' },
  { kind: 'forwardingRules', name: n.internalLb, role: 'lb' },
];

/** The masters write the CA bundle and the join token; nodes can read only the join token. */
const clusterSecrets = (cluster: Cluster, after: After): After => {
  const { secrets, masterAccount, nodeAccount } = cluster.names;
  const common = { owner: cluster, project: cluster.project, writers: [masterAccount] };
  return [
    ensureSecret(
      { ...common, name: secrets.pki, title: message('Create secret for the CA'), readers: [masterAccount] },
      after,
    ),
    ensureSecret(
      {
        ...common,
        name: secrets.join,
        title: message('Create secret for the join token'),
        readers: [masterAccount, nodeAccount],
      },
      after,
    ),
    ensureSecret(
      {
        ...common,
        name: secrets.admin,
        title: message('Create secret for the admin kubeconfig'),
        readers: [masterAccount],
      },
      after,
    ),
  ];
};
