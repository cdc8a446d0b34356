import type { MachineStatus, MasterStatus, PoolStatus } from '../../model/clusterStatus.ts';
import type { ObservedCluster } from '../snapshot.ts';
import type { MemberView, Tone, ZoneView } from './statusMessages.ts';
import { certificatesWord, masterCount, nodeCount, someNames, type Speaker } from '../words.ts';

type Truth = MemberView['truths'][number];

/** The zones of the region as columns, empty ones too, with what stands in each. `known`: the region's zones. */
export const zoneViews = (s: Speaker, c: ObservedCluster, known: readonly string[]): ZoneView[] => {
  const used = [...c.masters, ...c.pools].map((x) => x.zone);
  const zones = [...new Set([...known, ...used])].sort();
  return zones.map((name) => {
    const masters = c.masters.filter((m) => m.zone === name);
    const pools = c.pools.filter((p) => p.zone === name);
    return {
      name,
      summary:
        c.unreachableZones?.includes(name) === true
          ? s.t('Unreachable, contents unknown')
          : summary(s, masters.length, pools),
      members: [...masters.map((m) => masterView(s, c, m)), ...pools.map((p) => poolView(s, c, p))],
    };
  });
};

const summary = (s: Speaker, masters: number, pools: readonly PoolStatus[]): string => {
  const nodes = pools.reduce((n, p) => n + p.size, 0);
  const parts = [
    ...(masters > 0 ? [masterCount(s.t, masters)] : []),
    ...(pools.length > 0 ? [nodeCount(s.t, nodes)] : []),
  ];
  return parts.length > 0 ? parts.join(' · ') : s.t('Empty');
};

// Words of Kubernetes' half are old ones while the API does not answer.
const isStale = (c: ObservedCluster): boolean => c.unreachable !== undefined;

const masterView = (s: Speaker, c: ObservedCluster, m: MasterStatus): MemberView => ({
  id: m.name,
  icon: 'master',
  kind: s.t('Master'),
  name: m.name,
  type: m.machineType,
  truths: [computeTruth(m), nodeTruth(s, c, m), etcdTruth(s, c, m), balancerTruth(s, m)],
  notes: masterNotes(s, m),
});

const masterNotes = (s: Speaker, m: MasterStatus): string[] => {
  const word = certificatesWord(s, m);
  return word === undefined ? [] : [s.t('{0}. To renew them, run Repair Master…, which restarts the master.', word)];
};

const computeTones: Readonly<Record<string, Tone>> = {
  RUNNING: 'good',
  PROVISIONING: 'busy',
  STAGING: 'busy',
  STOPPING: 'warn',
  REPAIRING: 'warn',
};

const computeTruth = (m: MachineStatus): Truth => ({
  column: 'compute',
  value: m.status,
  tone: computeTones[m.status] ?? 'bad',
  stale: false,
});

const nodeTruth = ({ t }: Speaker, c: ObservedCluster, m: MachineStatus): Truth => {
  const told = m.node !== 'unknown';
  const tone = told ? (m.node === 'Ready' ? 'good' : 'bad') : 'quiet';
  return { column: 'kubernetes', value: told ? m.node : t('unknown'), tone, stale: told && isStale(c) };
};

const etcdTruth = ({ t }: Speaker, c: ObservedCluster, m: MasterStatus): Truth => {
  const rows: Readonly<Record<MasterStatus['etcd'], [string, Tone]>> = {
    leader: [t('leader'), 'good'],
    voter: [t('voter'), 'good'],
    learner: [t('learner'), 'warn'],
    none: [t('not a member'), 'bad'],
    unknown: [t('unknown'), 'quiet'],
  };
  const [value, tone] = rows[m.etcd];
  return { column: 'etcd', value, tone, stale: m.etcd !== 'unknown' && isStale(c) };
};

const balancerTruth = ({ t }: Speaker, m: MasterStatus): Truth => {
  const rows: Readonly<Record<MasterStatus['backend'], [string, Tone]>> = {
    healthy: [t('healthy'), 'good'],
    unhealthy: [t('unhealthy'), 'bad'],
    'not in the load balancer': [t('not a backend'), 'warn'],
  };
  const [value, tone] = rows[m.backend];
  return { column: 'balancer', value, tone, stale: false };
};

const poolView = (s: Speaker, c: ObservedCluster, p: PoolStatus): MemberView => {
  const running = p.nodes.filter((n) => n.status === 'RUNNING').length;
  const ready = p.nodes.filter((n) => n.node === 'Ready').length;
  const told = p.nodes.some((n) => n.node !== 'unknown') || p.size === 0;
  return {
    id: `${p.zone}/${p.name}`,
    icon: 'pool',
    kind: s.t('Node pool'),
    name: p.name,
    type: p.nodes[0]?.machineType ?? '',
    truths: [
      { column: 'compute', value: s.t('{0}/{1} running', running, p.size), tone: countTone(p, running), stale: false },
      told
        ? {
            column: 'kubernetes',
            value: s.t('{0}/{1} Ready', ready, p.size),
            tone: countTone(p, ready),
            stale: isStale(c),
          }
        : { column: 'kubernetes', value: s.t('unknown'), tone: 'quiet', stale: false },
    ],
    notes: poolNotes(s, p),
  };
};

const countTone = (p: PoolStatus, count: number): Tone => {
  if (count >= p.size) return 'good';
  return p.stable ? 'bad' : 'busy';
};

const poolNotes = (s: Speaker, p: PoolStatus): string[] => {
  const wrong = p.nodes.filter((n) => n.status !== 'RUNNING' || n.node === 'NotReady').map((n) => n.name);
  return [
    ...(p.stable ? [] : [s.t('Instances are still being created or deleted.')]),
    ...(wrong.length > 0 && p.stable ? [s.t('Unhealthy: {0}', someNames(s, wrong))] : []),
  ];
};
