import * as v from 'valibot';
import type { BackendHealth } from '../gce/cloud.ts';
import type { Kubernetes } from '../kube/kubernetes.ts';
import { OperatorError } from '../lib/operatorError.ts';
import { plural } from '../lib/text.ts';
import type { Marker } from '../model/marker.ts';
import { names } from '../model/names.ts';
import { check, type Check } from './check.ts';
import {
  apiServersCheck,
  certificatesCheck,
  dnsCheck,
  etcdChecks,
  leaseCheck,
  nodeChecks,
  skewCheck,
} from './kubernetesChecks.ts';
import { refOf, takeInventory, type Inventory } from './inventory.ts';
import type { Reads } from './world.ts';

const lasting = (check: Check, remedies: readonly string[]): Check =>
  remedies.length === 0 ? check : { ...check, lasts: remedies.join(' ') };

const makeAgain = ({ cluster }: Marker): string =>
  `Create it again: trizone up --cluster ${cluster}, with the cluster's zones (see trizone status).`;

/** One round of all checks. If Kubernetes cannot be queried, its checks report why instead of failing. */
export const runChecks = async (world: Reads, owner: Marker): Promise<Check[]> => {
  const inventory = await takeInventory(world.cloud, owner);
  const [cloud, kubernetes] = await Promise.all([
    cloudChecks(world, owner, inventory),
    kubernetesChecks(world, owner, inventory),
  ]);
  return [...cloud, ...kubernetes];
};

const cloudChecks = async (world: Reads, owner: Marker, inventory: Inventory): Promise<Check[]> => {
  const machines = [...inventory.masters, ...inventory.nodes];
  const stopped = machines.filter((i) => i.status !== 'RUNNING').map((i) => `${i.name} is ${i.status}`);
  const none = inventory.masters.length === 0 ? ['no master'] : [];
  const unstable = inventory.pools
    .filter((p) => !p.stable)
    .map((p) => `${p.name} in ${p.zone ?? '?'} is still changing`);
  return [
    check('machines-running', [...none, ...stopped], `${plural(machines.length, 'instance')} RUNNING`),
    check('pools-stable', unstable, `${plural(inventory.pools.length, 'pool')} stable`),
    await backendsCheck(world, owner, inventory),
    firewallsCheck(owner, inventory),
  ];
};

// A missing rule blocks traffic that may not be needed until much later.
const firewallsCheck = (owner: Marker, inventory: Inventory): Check => {
  const wanted = Object.values(names(owner.cluster).firewalls);
  const missing = wanted.filter((name) => !inventory.firewalls.some((f) => f.name === name));
  const evidence = missing.map((name) => `${name} is missing`);
  const remedies = missing.length > 0 ? [makeAgain(owner)] : [];
  return lasting(check('firewalls-in-place', evidence, plural(wanted.length, 'firewall rule')), remedies);
};

/** Health of every master in every backend service. */
export const backendHealth = async (
  world: Reads,
  inventory: Inventory,
): Promise<ReadonlyMap<string, readonly BackendHealth[]>> => {
  const pairs = inventory.backendServices.map(async (service) => {
    const states = inventory.groups.map((group) =>
      world.cloud.compute.backendHealth(refOf('backendServices', service), refOf('instanceGroups', group)),
    );
    return [service.name, (await Promise.all(states)).flat()] as const;
  });
  return new Map(await Promise.all(pairs));
};

// `replicate` completes a replica, but not the first master.
const finishing = ({ cluster }: Marker, { name, zone }: Inventory['masters'][number]): string =>
  name === names(cluster).firstMaster
    ? `trizone master repair ${name} --cluster ${cluster}`
    : `trizone replicate --cluster ${cluster} --zone ${zone ?? ''}`;

// A master in no group belongs to an unfinished run (create or removal): the lease holder is working on it.
const backendsCheck = async (world: Reads, owner: Marker, inventory: Inventory): Promise<Check> => {
  const health = await backendHealth(world, inventory);
  const registered = new Set([...health.values()].flat().map((s) => s.instance));
  const outside = inventory.masters.filter((i) => health.size > 0 && !registered.has(i.name));
  const wrong = [...health].flatMap(([service, states]) => {
    const healthy = new Set(states.filter((s) => s.state === 'HEALTHY').map((s) => s.instance));
    return inventory.masters
      .filter((i) => !healthy.has(i.name) && !outside.includes(i))
      .map((i) => `${i.name} is not healthy in ${service}`);
  });
  const missing = health.size < 2 ? [`${2 - health.size} of 2 load balancers missing`] : [];
  const fine = `${inventory.masters.length}/${inventory.masters.length} backends healthy`;
  const unfinished = outside.map((i) => `${i.name} is not in the load balancer`);
  const remedies = [
    ...(missing.length > 0 ? [makeAgain(owner)] : []),
    ...outside.map(
      (instance) =>
        `To finish ${instance.name}: ${finishing(owner, instance)}. To remove it: trizone master remove ${instance.name} --cluster ${owner.cluster}.`,
    ),
  ];
  return lasting(check('backends-healthy', [...missing, ...unfinished, ...wrong], fine), remedies);
};

const kubernetesChecks = async (world: Reads, owner: Marker, inventory: Inventory): Promise<Check[]> => {
  try {
    const kubernetes = await world.kubernetes(names(owner.cluster).secrets.admin);
    if (kubernetes === undefined) return [check('api-ready', ['no admin kubeconfig published'], '')];
    return await askKubernetes(world, owner, inventory, kubernetes);
  } catch (error) {
    if (OperatorError.is(error, 'kubernetes')) return [check('api-ready', [error.message], '')];
    throw error;
  }
};

const askKubernetes = async (
  world: Reads,
  owner: Marker,
  inventory: Inventory,
  kubernetes: Kubernetes,
): Promise<Check[]> => {
  const anyMaster = inventory.masters.find((i) => i.status === 'RUNNING')?.name ?? names(owner.cluster).firstMaster;
  const [readyz, nodes, pods, leases, etcd, version] = await Promise.all([
    kubernetes.readyz(),
    kubernetes.nodes(),
    kubernetes.pods('kube-system'),
    kubernetes.leases('kube-system'),
    kubernetes.etcd(anyMaster),
    kubernetes.version(),
  ]);
  // By Google's clock, like the machines' timestamps, regardless of this computer's clock.
  const now = await world.cloud.compute.serverNow();
  return [
    check('api-ready', readyz.ok ? [] : readyz.failed, '/readyz ok'),
    ...nodeChecks(inventory, nodes),
    ...etcdChecks(inventory, etcd),
    apiServersCheck(inventory, leases, now),
    leaseCheck(leases, now),
    dnsCheck(nodes, pods),
    skewCheck(nodes, version),
    certificatesCheck(inventory, nodes, now),
    await joinCheck(world, owner, now),
  ];
};

const joinSchema = v.object({ expires: v.string() });

const joinCheck = async (world: Reads, owner: Marker, now: number): Promise<Check> => {
  const payload = await world.cloud.services.secretPayload(names(owner.cluster).secrets.join);
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), joinSchema), payload);
  const expires = parsed.success ? Date.parse(parsed.output.expires) : NaN;
  const left = Math.round((expires - now) / 60_000);
  return check(
    'join-secret',
    expires > now ? [] : ['no valid join token: new nodes cannot join'],
    `join token valid for ${left} min`,
  );
};
