import type { MachineStatus, MasterStatus, PoolStatus } from '../../model/clusterStatus.ts';
import type { ObservedCluster } from '../snapshot.ts';
import type { MemberView, Tone, ZoneView } from './statusMessages.ts';
import { certificatesWord, masterCount, nodeCount, someNames, type Speaker } from '../words.ts';

type Truth = MemberView['truths'][number];

/** The region's zones as columns, including empty ones, with their members. `known`: the region's zones. */
export const zoneViews = (speaker: Speaker, cluster: ObservedCluster, known: readonly string[]): ZoneView[] => {
  const used = [...cluster.masters, ...cluster.pools].map((x) => x.zone);
  const zones = [...new Set([...known, ...used])].sort();
  return zones.map((name) => {
    const masters = cluster.masters.filter((m) => m.zone === name);
    const pools = cluster.pools.filter((p) => p.zone === name);
    return {
      name,
      summary:
        cluster.unreachableZones?.includes(name) === true
          ? speaker.t('Unreachable, contents unknown')
          : summary(speaker, masters.length, pools),
      members: [
        ...masters.map((m) => masterView(speaker, cluster, m)),
        ...pools.map((p) => poolView(speaker, cluster, p)),
      ],
    };
  });
};

const summary = (speaker: Speaker, masters: number, pools: readonly PoolStatus[]): string => {
  const nodes = pools.reduce((n, p) => n + p.size, 0);
  const parts = [
    ...(masters > 0 ? [masterCount(speaker.t, masters)] : []),
    ...(pools.length > 0 ? [nodeCount(speaker.t, nodes)] : []),
  ];
  return parts.length > 0 ? parts.join(' · ') : speaker.t('Empty');
};

// Kubernetes data is stale while the API is not responding.
const isStale = (c: ObservedCluster): boolean => c.unreachable !== undefined;

const masterView = (speaker: Speaker, cluster: ObservedCluster, master: MasterStatus): MemberView => ({
  id: master.name,
  icon: 'master',
  kind: speaker.t('Master'),
  name: master.name,
  type: master.machineType,
  truths: [
    computeTruth(master),
    nodeTruth(speaker, cluster, master),
    etcdTruth(speaker, cluster, master),
    balancerTruth(speaker, master),
  ],
  notes: masterNotes(speaker, master),
});

const masterNotes = (speaker: Speaker, master: MasterStatus): string[] => {
  const word = certificatesWord(speaker, master);
  return word === undefined
    ? []
    : [speaker.t('{0}. To renew them, run Repair Master…, which restarts the master.', word)];
};

const computeTones: Readonly<Record<string, Tone>> = {
  RUNNING: 'good',
  PROVISIONING: 'busy',
  STAGING: 'busy',
  STOPPING: 'warn',
  REPAIRING: 'warn',
};

const computeTruth = (machine: MachineStatus): Truth => ({
  column: 'compute',
  value: machine.status,
  tone: computeTones[machine.status] ?? 'bad',
  stale: false,
});

const nodeTruth = ({ t }: Speaker, cluster: ObservedCluster, machine: MachineStatus): Truth => {
  const isKnown = machine.node !== 'unknown';
  const tone = isKnown ? (machine.node === 'Ready' ? 'good' : 'bad') : 'quiet';
  return {
    column: 'kubernetes',
    value: isKnown ? machine.node : t('unknown'),
    tone,
    stale: isKnown && isStale(cluster),
  };
};

const etcdTruth = ({ t }: Speaker, cluster: ObservedCluster, master: MasterStatus): Truth => {
  const rows: Readonly<Record<MasterStatus['etcd'], [string, Tone]>> = {
    leader: [t('leader'), 'good'],
    voter: [t('voter'), 'good'],
    learner: [t('learner'), 'warn'],
    none: [t('not a member'), 'bad'],
    unknown: [t('unknown'), 'quiet'],
  };
  const [value, tone] = rows[master.etcd];
  return { column: 'etcd', value, tone, stale: master.etcd !== 'unknown' && isStale(cluster) };
};

const balancerTruth = ({ t }: Speaker, master: MasterStatus): Truth => {
  const rows: Readonly<Record<MasterStatus['backend'], [string, Tone]>> = {
    healthy: [t('healthy'), 'good'],
    unhealthy: [t('unhealthy'), 'bad'],
    'not in the load balancer': [t('not a backend'), 'warn'],
  };
  const [value, tone] = rows[master.backend];
  return { column: 'balancer', value, tone, stale: false };
};

const poolView = (speaker: Speaker, cluster: ObservedCluster, pool: PoolStatus): MemberView => {
  const running = pool.nodes.filter((n) => n.status === 'RUNNING').length;
  const ready = pool.nodes.filter((n) => n.node === 'Ready').length;
  const isKnown = pool.nodes.some((n) => n.node !== 'unknown') || pool.size === 0;
  return {
    id: `${pool.zone}/${pool.name}`,
    icon: 'pool',
    kind: speaker.t('Node pool'),
    name: pool.name,
    type: pool.nodes[0]?.machineType ?? '',
    truths: [
      {
        column: 'compute',
        value: speaker.t('{0}/{1} running', running, pool.size),
        tone: countTone(pool, running),
        stale: false,
      },
      isKnown
        ? {
            column: 'kubernetes',
            value: speaker.t('{0}/{1} Ready', ready, pool.size),
            tone: countTone(pool, ready),
            stale: isStale(cluster),
          }
        : { column: 'kubernetes', value: speaker.t('unknown'), tone: 'quiet', stale: false },
    ],
    notes: poolNotes(speaker, pool),
  };
};

const countTone = (pool: PoolStatus, count: number): Tone => {
  if (count >= pool.size) return 'good';
  return pool.stable ? 'bad' : 'busy';
};

const poolNotes = (speaker: Speaker, pool: PoolStatus): string[] => {
  const wrong = pool.nodes.filter((n) => n.status !== 'RUNNING' || n.node === 'NotReady').map((n) => n.name);
  return [
    ...(pool.stable ? [] : [speaker.t('Instances are still being created or deleted.')]),
    ...(wrong.length > 0 && pool.stable ? [speaker.t('Unhealthy: {0}', someNames(speaker, wrong))] : []),
  ];
};
