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
  type Wanted,
} from '../steps/preflight.ts';
import { ensureRoot, nameIsOurs } from '../steps/root.ts';
import { ensureSecret } from '../steps/secret.ts';
import { ensureTemplate } from '../steps/template.ts';
import { validateCluster } from '../steps/validate.ts';
import type { After, CloudStep } from '../steps/world.ts';
import type { MachineParts } from './machineChecks.ts';
import { masterMachine, oneByOne, ownAddresses } from './masters.ts';
import { workflow, type Workflow } from './workflow.ts';

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
  const w = workflow();
  const wanted = { masters: [firstMaster(c), ...o.replicas], pools: c.pools };
  const { image, checks } = createChecks(w, c, wanted);
  const root = w.add(ensureRoot(c, o.created, checks));
  const lease = w.add(holdLease(c, o.by, [root], { marks: markerLabels(c, 'lb') }));
  const held = [lease, w.add(nameIsOurs(c, lease))];
  const who = identity(w, c, held);
  const net = networkOf(w, c, held);
  const lb = loadBalancer(w, c, root, net, held);
  const shared: Shared = {
    parts: { external: root, internal: net.internal, image },
    subnet: net.subnet,
    identity: [...net.firewalls, ...who.secrets, who.bindings],
    ...{ lb, nodeAccount: who.nodeAccount },
  };
  const { served, last } = masters(w, c, o.replicas, shared);
  const joined = pools(w, c, shared, served);
  w.add(validateCluster(c, [...joined, ...last]));
  return w.steps;
};

/** What masters and pools are made of. */
interface Shared {
  readonly parts: MachineParts;
  readonly subnet: CloudStep;
  /** What a machine needs from its first second: rules, secrets, roles. */
  readonly identity: After;
  readonly lb: LoadBalancer;
  readonly nodeAccount: CloudStep;
}

const firstMaster = (c: Cluster): Master => ({ name: c.names.firstMaster, zone: c.zone });

const createChecks = (w: Workflow, c: Cluster, wanted: Wanted): { image: CloudStep<string>; checks: After } => {
  const apis = w.add(checkApis(c.project));
  w.add(checkPermissions(c.project, [apis]));
  const up = w.addAll(c.zones.map((zone) => checkZone(zone, [apis])));
  const types = w.add(checkMachineTypes(c, wanted, up));
  w.add(checkQuota(c, wanted, types));
  const image = w.add(resolveImage([apis]));
  w.add(checkNameFree(c, [apis]));
  return { image, checks: [...w.steps] };
};

const identity = (w: Workflow, c: Cluster, held: After) => {
  const masterAccount = w.add(
    ensureAccount(c, c.names.masterAccount, message('Create service account for masters'), held),
  );
  const nodeAccount = w.add(ensureAccount(c, c.names.nodeAccount, message('Create service account for nodes'), held));
  const bindings = w.add(ensureBindings(c, [masterAccount, nodeAccount]));
  const secrets = w.addAll(clusterSecrets(c, [masterAccount, nodeAccount]));
  return { nodeAccount, bindings, secrets };
};

const networkOf = (w: Workflow, c: Cluster, held: After) => {
  const network = w.add(ensureNetwork(c, held));
  const subnet = w.add(ensureSubnet(c, [network]));
  const firewalls = w.addAll(clusterRules(c).map((rule) => ensureFirewall(c, rule, [network])));
  const internal = w.add(ensureInternalAddress(c, c.names.internalAddress, 'lb', {}, [subnet]));
  return { network, subnet, firewalls, internal };
};

/** The rules in front of the API, and what of them is labelled. */
interface LoadBalancer {
  readonly rules: readonly [CloudStep, CloudStep];
  readonly labelled: After;
}

const loadBalancer = (
  w: Workflow,
  c: Cluster,
  root: CloudStep<Resources['addresses']>,
  net: ReturnType<typeof networkOf>,
  held: After,
): LoadBalancer => {
  const health = w.add(ensureHealthCheck(c, held));
  const groups = w.addAll(c.zones.map((zone) => ensureMasterGroup(c, zone, [net.network])));
  const external = w.add(ensureBackendService(c, 'EXTERNAL', c.zones, [health, ...groups]));
  const inner = w.add(ensureBackendService(c, 'INTERNAL', c.zones, [health, ...groups]));
  const externalRule = w.add(ensureForwardingRule(c, 'EXTERNAL', root, [external]));
  const internalRule = w.add(ensureForwardingRule(c, 'INTERNAL', net.internal, [inner, net.subnet]));
  return { rules: [externalRule, internalRule], labelled: [net.internal, externalRule, internalRule] };
};

const masters = (w: Workflow, c: Cluster, more: readonly Master[], x: Shared) => {
  const first = firstMaster(c);
  const ready = [...x.identity, ...x.lb.rules];
  const own = masterMachine(w, c, first, 'first', x.parts, [x.subnet], ready);
  const registered = w.add(register(c, first, [own.machine]));
  const served = w.add(bootMaster(first, { joins: 'runs kubeadm init on the instance', first: c }, [registered]));
  const replicas = more.map((m) => masterMachine(w, c, m, 'replica', x.parts, [x.subnet], ready));
  const all = [own, ...replicas];
  const labelled = [...endpointParts(c), ...ownAddresses(c, all)];
  w.add(labelParts(c, labelled, [...x.lb.labelled, ...all.map((m) => m.own)]));
  return { served, last: oneByOne(w, c, replicas, [first.name], [served]).slice(-1) };
};

const pools = (w: Workflow, c: Cluster, x: Shared, served: CloudStep): After => {
  const template = w.add(ensureTemplate(c, c.pool, x.parts, [x.nodeAccount, x.subnet]));
  return c.pools.map((p) => {
    const pool = w.add(ensurePool(c, p, template, x.identity));
    const full = w.add(fillPool(c, p, pool, []));
    return w.add(nodesReady(c, p, [full, served]));
  });
};

// The root record gets its labels with the lease.
const endpointParts = ({ names: n }: Cluster): Unlabelled[] => [
  { kind: 'addresses', name: n.internalAddress, role: 'lb' },
  { kind: 'forwardingRules', name: n.externalLb, role: 'lb' },
  { kind: 'forwardingRules', name: n.internalLb, role: 'lb' },
];

/** CA bundle and join token are written by the masters; nodes may read the join token only. */
const clusterSecrets = (c: Cluster, after: After): After => {
  const { secrets, masterAccount, nodeAccount } = c.names;
  const common = { owner: c, project: c.project, writers: [masterAccount] };
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
