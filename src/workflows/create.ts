import type { Cluster } from '../model/cluster.ts';
import { ensureAccount, ensureBindings } from '../steps/account.ts';
import { ensureInternalAddress } from '../steps/address.ts';
import { bootMaster } from '../steps/boot.ts';
import { clusterRules, ensureFirewall } from '../steps/firewall.ts';
import { holdLease } from '../steps/lease.ts';
import {
  ensureBackendService,
  ensureForwardingRule,
  ensureHealthCheck,
  ensureMasterGroup,
} from '../steps/loadBalancer.ts';
import { ensureMaster, ensureMasterDisk, register } from '../steps/master.ts';
import { ensureNetwork, ensureSubnet } from '../steps/network.ts';
import { ensurePool, ensureTemplate, fillPool, nodesReady } from '../steps/pool.ts';
import {
  checkApis,
  checkMachineTypes,
  checkNameFree,
  checkPermissions,
  checkQuota,
  checkZone,
  resolveImage,
} from '../steps/preflight.ts';
import { ensureRoot } from '../steps/root.ts';
import { ensureSecret } from '../steps/secret.ts';
import { validateCluster } from '../steps/validate.ts';
import type { CloudStep } from '../steps/world.ts';

/** How a create runs, beside what it makes. */
export interface CreateOptions {
  /** ISO time, part of the root record. */
  readonly created: string;
  readonly takeOver: boolean;
}

/**
 * The first zone, ready for high availability: root record first, load balancer before the master, the master registered
 * before its `kubeadm init` (hairpin); accounts, network, load balancer and pool side by side.
 */
export const createCluster = (c: Cluster, o: CreateOptions): CloudStep[] => {
  const apis = checkApis(c.project);
  const permissions = checkPermissions(c.project, [apis]);
  const zone = checkZone(c.zone, [apis]);
  const types = checkMachineTypes(c, zone);
  const quota = checkQuota(c, types);
  const image = resolveImage([apis]);
  const free = checkNameFree(c, [apis]);
  const checks = [apis, permissions, zone, types, quota, image, free];

  const root = ensureRoot(c, o.created, checks);
  const lease = holdLease(c, 'up', o.takeOver, [root]);
  const held = [lease];

  const masterAccount = ensureAccount(c, c.names.masterAccount, "Create masters' service account", held);
  const nodeAccount = ensureAccount(c, c.names.nodeAccount, "Create nodes' service account", held);
  const bindings = ensureBindings(c, [masterAccount, nodeAccount]);
  const secrets = clusterSecrets(c, [masterAccount, nodeAccount]);

  const network = ensureNetwork(c, held);
  const subnet = ensureSubnet(c, [network]);
  const firewalls = clusterRules(c).map((rule) => ensureFirewall(c, rule, [network]));
  const internal = ensureInternalAddress(c, c.names.internalAddress, 'lb', {}, [subnet]);

  const health = ensureHealthCheck(c, held);
  const group = ensureMasterGroup(c, c.zone, [network]);
  const external = ensureBackendService(c, 'EXTERNAL', c.zone, [health, group]);
  const inner = ensureBackendService(c, 'INTERNAL', c.zone, [health, group]);
  const externalRule = ensureForwardingRule(c, 'EXTERNAL', root, [external]);
  const internalRule = ensureForwardingRule(c, 'INTERNAL', internal, [inner, subnet]);

  const first = { name: c.names.firstMaster, zone: c.zone };
  const own = ensureInternalAddress(c, c.names.masterAddress(first.name), 'master', { master: first.name }, [subnet]);
  const disk = ensureMasterDisk(c, first, own, held);
  const parts = { external: root, internal, image };
  const ready = [...firewalls, ...secrets, bindings, externalRule, internalRule];
  const master = ensureMaster(c, first, 'first', { ...parts, own, disk }, ready);
  const door = register(c, first, [master]);
  const served = bootMaster(first, [door]);

  const template = ensureTemplate(c, parts, [nodeAccount, subnet]);
  const pool = ensurePool(c, template, [...firewalls, ...secrets, bindings]);
  const full = fillPool(c, pool, []);
  const joined = nodesReady(c, [full, served]);
  const valid = validateCluster(c, [joined]);

  return [
    ...[...checks, root, lease, masterAccount, nodeAccount, bindings, ...secrets],
    ...[network, subnet, ...firewalls, internal, health, group, external, inner, externalRule, internalRule],
    ...[own, disk, master, door, served, template, pool, full, joined, valid],
  ];
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
