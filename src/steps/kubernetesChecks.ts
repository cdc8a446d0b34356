import type { EtcdState, KubeLease, KubeNode, KubePod } from '../kube/kubernetes.ts';
import { plural } from '../lib/text.ts';
import { certificateWords, daysLeft, endSoon } from '../model/certificates.ts';
import type { Inventory } from './inventory.ts';
import { check, type Check } from './check.ts';

/** Taints of a node that the cloud controller has not initialized yet, or that has no network. */
const unfinished = ['node.cloudprovider.kubernetes.io/uninitialized', 'node.kubernetes.io/network-unavailable'];

/** Nodes: each Ready, initialized, and backed by one of our machines. */
export const nodeChecks = (inventory: Inventory, nodes: readonly KubeNode[]): Check[] => {
  const machines = [...inventory.masters, ...inventory.nodes].map((i) => i.name);
  const known = nodes.map((n) => n.name);
  const unknown = ({ name }: { readonly name: string }): boolean => !known.includes(name);
  const notReady = nodes.filter((n) => !n.ready).map((n) => `${n.name} is NotReady`);
  const strangers = [
    ...inventory.masters.filter(unknown).map((i) => noNode(i.name, 'master')),
    ...inventory.nodes.filter(unknown).map((i) => noNode(i.name, 'node')),
    ...known.filter((name) => !machines.includes(name)).map((name) => `node ${name} has no instance`),
  ];
  const raw = nodes.flatMap((node) => [
    ...(node.providerId === '' ? [`${node.name} has no provider ID`] : []),
    ...(node.podCidr === '' ? [`${node.name} has no pod range`] : []),
    ...node.taints.filter((t) => unfinished.some((u) => t.startsWith(u))).map((t) => `${node.name} is tainted ${t}`),
  ]);
  return [
    check('nodes-ready', notReady, `${plural(nodes.length, 'node')} Ready`),
    check('nodes-match-machines', strangers, `${plural(machines.length, 'instance')}, ${plural(known.length, 'node')}`),
    check('nodes-initialized', raw, 'provider IDs and pod ranges set'),
  ];
};

// kubelet registers only at startup: a Node that was deleted does not come back by itself.
const noNode = (name: string, what: 'master' | 'node'): string =>
  `instance ${name} has no Node; if none appears within a few minutes, run: trizone ${what} repair ${name}`;

/** etcd's default space quota is 2 GiB; 80% calls for action (etcd's maintenance guide). */
const etcdSizeLimit = 0.8 * 2 * 1024 ** 3;

/** Members, health, and size of etcd. */
export const etcdChecks = (inventory: Inventory, etcd: EtcdState): Check[] => {
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
  const unhealthy = [
    ...(leaders === 1 ? [] : [plural(leaders, 'leader')]),
    ...etcd.members.filter((e) => !e.started || !e.healthy).map((e) => `${e.name} is not responding`),
    ...etcd.members.filter((e) => e.dbSize > etcdSizeLimit).map((e) => `${e.name} is nearly full`),
    ...etcd.alarms.map((a) => `alarm ${a}`),
  ];
  const voters = etcd.members.filter((e) => !e.learner).length;
  return [
    check('etcd-members', differ, `${plural(voters, 'voter')}, the same as the masters`),
    check('etcd-health', unhealthy, 'one leader, all members respond, no alarms'),
  ];
};

/** Wall milliseconds; the components renew every 2 s and lose leadership after 15 s. */
const freshLease = 60_000;

/** Whether the control plane's Leases are being renewed. */
export const leaseCheck = (leases: readonly KubeLease[], now: number): Check => {
  const wrong = ['kube-controller-manager', 'kube-scheduler', 'cloud-controller-manager'].flatMap((name) => {
    const renewed = leases.find((l) => l.name === name)?.renewed;
    if (renewed === undefined) return [`${name} has no leader`];
    return now - renewed > freshLease ? [`${name} last renewed ${Math.round((now - renewed) / 1000)} s ago`] : [];
  });
  return check('control-plane-leases', wrong, 'controller managers and scheduler have leaders');
};

/**
 * Each API server separately: it renews a Lease that contains its hostname (API server identity, in Kubernetes since
 * 1.26).
 */
export const apiServersCheck = (inventory: Inventory, leases: readonly KubeLease[], now: number): Check => {
  const serving = leases
    .filter((l) => l.labels['apiserver.kubernetes.io/identity'] === 'kube-apiserver' && now - l.renewed <= freshLease)
    .map((l) => l.labels['kubernetes.io/hostname']);
  const silent = inventory.masters
    .filter((i) => !serving.includes(i.name))
    .map((i) => `the API server on ${i.name} is not responding`);
  return check('api-servers', silent, `${plural(inventory.masters.length, 'API server')} renewing their own leases`);
};

const zoneLabel = 'topology.kubernetes.io/zone';

/** DNS must survive the loss of a zone: ready CoreDNS pods in at least min(2, zones with Ready nodes) zones. */
export const dnsCheck = (nodes: readonly KubeNode[], pods: readonly KubePod[]): Check => {
  const zoneOf = new Map(nodes.map((n) => [n.name, n.labels[zoneLabel] ?? '']));
  // If all nodes of a zone are cordoned, no pod can be placed there.
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

/** kubelets can be up to three minors older than the API server, but never newer (Kubernetes' version skew policy). */
export const skewCheck = (nodes: readonly KubeNode[], version: string): Check => {
  const minor = (text: string): number => Number(/^v?\d+\.(\d+)/.exec(text)?.[1] ?? NaN);
  const api = minor(version);
  const wrong = nodes
    .filter((n) => !(minor(n.kubeletVersion) <= api && minor(n.kubeletVersion) >= api - 3))
    .map((n) => `${n.name} runs ${n.kubeletVersion}`);
  return check('versions-skew', wrong, `API server ${version}`);
};

// kubeadm's certificates are valid for a year, and every boot of a master in their second half renews them.
/** Whether the masters' certificates are not about to expire. */
export const certificatesCheck = (inventory: Inventory, nodes: readonly KubeNode[], now: number): Check => {
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
