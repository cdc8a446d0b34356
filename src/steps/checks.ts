import * as v from 'valibot';
import type { BackendHealth } from '../gce/cloud.ts';
import type { EtcdState, KubeLease, KubeNode, KubePod, Kubernetes } from '../kube/kubernetes.ts';
import { OperatorError } from '../lib/operatorError.ts';
import { plural } from '../lib/text.ts';
import { certificateWords, daysLeft, endSoon } from '../model/certificates.ts';
import type { Marker } from '../model/marker.ts';
import { names } from '../model/names.ts';
import { refOf, takeInventory, type Inventory } from './inventory.ts';
import type { Reads } from './world.ts';

/** One typed finding of a validation: what was looked at, whether it is as it should be, and the evidence. */
export interface Check {
  readonly id: CheckId;
  readonly ok: boolean;
  readonly evidence: string;
  /** Time alone does not mend it: what somebody has to do. */
  readonly lasts?: string;
}

/** What is checked; kops' `validate cluster` is the model for typed findings. */
export type CheckId =
  | 'machines-running'
  | 'pools-stable'
  | 'backends-healthy'
  | 'firewalls-in-place'
  | 'api-ready'
  | 'nodes-ready'
  | 'nodes-match-machines'
  | 'nodes-initialized'
  | 'etcd-members'
  | 'etcd-health'
  | 'api-servers'
  | 'control-plane-leases'
  | 'dns-spread'
  | 'versions-skew'
  | 'certificates'
  | 'join-secret';

const lasting = (c: Check, remedies: readonly string[]): Check =>
  remedies.length === 0 ? c : { ...c, lasts: remedies.join(' ') };

const makeAgain = ({ cluster }: Marker): string =>
  `Create it again: trizone up --cluster ${cluster}, with the cluster's zones (see trizone status).`;

const check = (id: CheckId, wrong: readonly string[], fine: string): Check => ({
  id,
  ok: wrong.length === 0,
  evidence: wrong.length === 0 ? fine : wrong.join('; '),
});

/** One round of all checks. Kubernetes' half says why it cannot be asked instead of failing. */
export const runChecks = async (world: Reads, m: Marker): Promise<Check[]> => {
  const inventory = await takeInventory(world.cloud, m);
  const [cloud, kubernetes] = await Promise.all([
    cloudChecks(world, m, inventory),
    kubernetesChecks(world, m, inventory),
  ]);
  return [...cloud, ...kubernetes];
};

const cloudChecks = async (world: Reads, m: Marker, inventory: Inventory): Promise<Check[]> => {
  const machines = [...inventory.masters, ...inventory.nodes];
  const stopped = machines.filter((i) => i.status !== 'RUNNING').map((i) => `${i.name} is ${i.status}`);
  const none = inventory.masters.length === 0 ? ['no master'] : [];
  const unstable = inventory.pools
    .filter((p) => !p.stable)
    .map((p) => `${p.name} in ${p.zone ?? '?'} is still changing`);
  return [
    check('machines-running', [...none, ...stopped], `${plural(machines.length, 'instance')} RUNNING`),
    check('pools-stable', unstable, `${plural(inventory.pools.length, 'pool')} stable`),
    await backendsCheck(world, m, inventory),
    firewallsCheck(m, inventory),
  ];
};

// Without one of them something is cut off that nobody misses until it is needed.
const firewallsCheck = (m: Marker, inventory: Inventory): Check => {
  const wanted = Object.values(names(m.cluster).firewalls);
  const missing = wanted.filter((name) => !inventory.firewalls.some((f) => f.name === name));
  const evidence = missing.map((name) => `${name} is missing`);
  const remedies = missing.length > 0 ? [makeAgain(m)] : [];
  return lasting(check('firewalls-in-place', evidence, plural(wanted.length, 'firewall rule')), remedies);
};

/** Health of every master behind every backend service. */
export const backendHealth = async (
  world: Reads,
  inventory: Inventory,
): Promise<ReadonlyMap<string, readonly BackendHealth[]>> => {
  const pairs = inventory.backendServices.map(async (service) => {
    const states = inventory.groups.map((g) =>
      world.cloud.compute.backendHealth(refOf('backendServices', service), refOf('instanceGroups', g)),
    );
    return [service.name, (await Promise.all(states)).flat()] as const;
  });
  return new Map(await Promise.all(pairs));
};

// `replicate` completes a replica; the first master is none.
const finishing = ({ cluster }: Marker, { name, zone }: Inventory['masters'][number]): string =>
  name === names(cluster).firstMaster
    ? `trizone master repair ${name} --cluster ${cluster}`
    : `trizone replicate --cluster ${cluster} --zone ${zone ?? ''}`;

// A master in no group is one that a run has not finished, or not finished removing: whoever holds the lease works on it.
const backendsCheck = async (world: Reads, m: Marker, inventory: Inventory): Promise<Check> => {
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
    ...(missing.length > 0 ? [makeAgain(m)] : []),
    ...outside.map(
      (i) =>
        `To finish ${i.name}: ${finishing(m, i)}. To remove it: trizone master remove ${i.name} --cluster ${m.cluster}.`,
    ),
  ];
  return lasting(check('backends-healthy', [...missing, ...unfinished, ...wrong], fine), remedies);
};

const kubernetesChecks = async (world: Reads, m: Marker, inventory: Inventory): Promise<Check[]> => {
  try {
    const kubernetes = await world.kubernetes(names(m.cluster).secrets.admin);
    if (kubernetes === undefined) return [check('api-ready', ['no admin kubeconfig published'], '')];
    return await askKubernetes(world, m, inventory, kubernetes);
  } catch (error) {
    if (OperatorError.is(error, 'kubernetes')) return [check('api-ready', [error.message], '')];
    throw error;
  }
};

const askKubernetes = async (
  world: Reads,
  m: Marker,
  inventory: Inventory,
  kubernetes: Kubernetes,
): Promise<Check[]> => {
  const anyMaster = inventory.masters.find((i) => i.status === 'RUNNING')?.name ?? names(m.cluster).firstMaster;
  const [readyz, nodes, pods, leases, etcd, version] = await Promise.all([
    kubernetes.readyz(),
    kubernetes.nodes(),
    kubernetes.pods('kube-system'),
    kubernetes.leases('kube-system'),
    kubernetes.etcd(anyMaster),
    kubernetes.version(),
  ]);
  // By Google's clock, as the machines': whatever this computer's says.
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
    await joinCheck(world, m, now),
  ];
};

/** Taints that say: the cloud controller has not looked at this node yet, or its network is not there. */
const unfinished = ['node.cloudprovider.kubernetes.io/uninitialized', 'node.kubernetes.io/network-unavailable'];

const nodeChecks = (inventory: Inventory, nodes: readonly KubeNode[]): Check[] => {
  const machines = [...inventory.masters, ...inventory.nodes].map((i) => i.name);
  const known = nodes.map((n) => n.name);
  const unknown = ({ name }: { readonly name: string }): boolean => !known.includes(name);
  const notReady = nodes.filter((n) => !n.ready).map((n) => `${n.name} is NotReady`);
  const strangers = [
    ...inventory.masters.filter(unknown).map((i) => noNode(i.name, 'master')),
    ...inventory.nodes.filter(unknown).map((i) => noNode(i.name, 'node')),
    ...known.filter((name) => !machines.includes(name)).map((name) => `node ${name} has no instance`),
  ];
  const raw = nodes.flatMap((n) => [
    ...(n.providerId === '' ? [`${n.name} has no provider ID`] : []),
    ...(n.podCidr === '' ? [`${n.name} has no pod range`] : []),
    ...n.taints.filter((t) => unfinished.some((u) => t.startsWith(u))).map((t) => `${n.name} is tainted ${t}`),
  ]);
  return [
    check('nodes-ready', notReady, `${plural(nodes.length, 'node')} Ready`),
    check('nodes-match-machines', strangers, `${plural(machines.length, 'instance')}, ${plural(known.length, 'node')}`),
    check('nodes-initialized', raw, 'provider IDs and pod ranges set'),
  ];
};

// kubelet registers at its start only: a Node that somebody has deleted does not come back by itself.
const noNode = (name: string, what: 'master' | 'node'): string =>
  `instance ${name} has no Node; if none appears within a few minutes, run: trizone ${what} repair ${name}`;

/** etcd's default space quota is 2 GiB; at 80 % it is time to act (etcd's maintenance guide). */
const etcdSizeLimit = 0.8 * 2 * 1024 ** 3;

const etcdChecks = (inventory: Inventory, etcd: EtcdState): Check[] => {
  const masters = inventory.masters.map((i) => i.name);
  const members = etcd.members.map((e) => e.name);
  const differ = [
    ...masters.filter((name) => !members.includes(name)).map((name) => `master ${name} is not a member`),
    ...members
      .filter((name) => !masters.includes(name))
      .map((name) => `member ${name || '(unstarted)'} is not a master`),
    ...etcd.members.filter((e) => e.learner).map((e) => `${e.name} is still a learner`),
  ];
  const leaders = etcd.members.filter((e) => e.leader).length;
  const sick = [
    ...(leaders === 1 ? [] : [plural(leaders, 'leader')]),
    ...etcd.members.filter((e) => !e.started || !e.healthy).map((e) => `${e.name} is not responding`),
    ...etcd.members.filter((e) => e.dbSize > etcdSizeLimit).map((e) => `${e.name} is nearly full`),
    ...etcd.alarms.map((a) => `alarm ${a}`),
  ];
  const voters = etcd.members.filter((e) => !e.learner).length;
  return [
    check('etcd-members', differ, `${plural(voters, 'voter')}, the same as the masters`),
    check('etcd-health', sick, 'one leader, all members respond, no alarms'),
  ];
};

/** Wall milliseconds; the components renew every 2 s and give up leadership after 15 s. */
const freshLease = 60_000;

const leaseCheck = (leases: readonly KubeLease[], now: number): Check => {
  const wrong = ['kube-controller-manager', 'kube-scheduler', 'cloud-controller-manager'].flatMap((name) => {
    const renewed = leases.find((l) => l.name === name)?.renewed;
    if (renewed === undefined) return [`${name} has no leader`];
    return now - renewed > freshLease ? [`${name} last renewed ${Math.round((now - renewed) / 1000)} s ago`] : [];
  });
  return check('control-plane-leases', wrong, 'controller managers and scheduler have leaders');
};

/** Each API server by itself: it renews a Lease that names its host (apiserver identity, in Kubernetes since 1.26). */
const apiServersCheck = (inventory: Inventory, leases: readonly KubeLease[], now: number): Check => {
  const serving = leases
    .filter((l) => l.labels['apiserver.kubernetes.io/identity'] === 'kube-apiserver' && now - l.renewed <= freshLease)
    .map((l) => l.labels['kubernetes.io/hostname']);
  const silent = inventory.masters
    .filter((i) => !serving.includes(i.name))
    .map((i) => `the API server on ${i.name} is not responding`);
  return check('api-servers', silent, `${plural(inventory.masters.length, 'API server')} renewing their own leases`);
};

const zoneLabel = 'topology.kubernetes.io/zone';

/** DNS must outlive a zone: ready CoreDNS pods in at least min(2, zones with Ready nodes) zones. */
const dnsCheck = (nodes: readonly KubeNode[], pods: readonly KubePod[]): Check => {
  const zoneOf = new Map(nodes.map((n) => [n.name, n.labels[zoneLabel] ?? '']));
  // Where a person has cordoned all nodes of a zone, no pod can be placed there.
  const open = nodes.filter((n) => n.ready && !n.unschedulable);
  const zones = new Set(open.map((n) => n.labels[zoneLabel] ?? ''));
  const dns = pods.filter((p) => p.labels['k8s-app'] === 'kube-dns' && p.ready);
  const served = new Set(dns.map((p) => zoneOf.get(p.node) ?? ''));
  const wanted = Math.min(2, zones.size);
  const wrong =
    served.size >= wanted && dns.length > 0
      ? []
      : [`CoreDNS is ready in ${plural(served.size, 'zone')}, expected ${wanted}`];
  return check('dns-spread', wrong, `${plural(dns.length, 'CoreDNS pod')} in ${plural(served.size, 'zone')}`);
};

/** kubelets may be up to three minors older than the API server, never newer (Kubernetes' version skew policy). */
const skewCheck = (nodes: readonly KubeNode[], version: string): Check => {
  const minor = (text: string): number => Number(/^v?\d+\.(\d+)/.exec(text)?.[1] ?? NaN);
  const api = minor(version);
  const wrong = nodes
    .filter((n) => !(minor(n.kubeletVersion) <= api && minor(n.kubeletVersion) >= api - 3))
    .map((n) => `${n.name} runs ${n.kubeletVersion}`);
  return check('versions-skew', wrong, `API server ${version}`);
};

// kubeadm's certificates are valid for a year, and every start of a master in its second half renews them.
const certificatesCheck = (inventory: Inventory, nodes: readonly KubeNode[], now: number): Check => {
  const ends = inventory.masters.map(({ name }) => {
    return { name, end: nodes.find((n) => n.name === name)?.certificatesEnd };
  });
  const wrong = ends.flatMap(({ name, end }) =>
    end === undefined || endSoon(end, now) ? [certificatesEnd(name, end, now)] : [],
  );
  const least = daysLeft(Math.min(...ends.map(({ end }) => end ?? NaN)), now);
  return check('certificates', wrong, `master certificates valid for ${plural(least, 'day')}`);
};

const certificatesEnd = (master: string, end: number | undefined, now: number): string => {
  if (end === undefined) return `${master} has not reported when its certificates expire`;
  return `${master}: ${certificateWords(end, now)}; to renew them, run trizone master repair ${master}, which restarts the master`;
};

const joinSchema = v.object({ expires: v.string() });

const joinCheck = async (world: Reads, m: Marker, now: number): Promise<Check> => {
  const payload = await world.cloud.services.secretPayload(names(m.cluster).secrets.join);
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), joinSchema), payload);
  const expires = parsed.success ? Date.parse(parsed.output.expires) : NaN;
  const left = Math.round((expires - now) / 60_000);
  return check(
    'join-secret',
    expires > now ? [] : ['no valid join token: new nodes cannot join'],
    `join token valid for ${left} min`,
  );
};
