import { message } from '../../src/lib/message.ts';
import type { RunRow, StepRow } from '../../src/ui/runRow.ts';
import type { ObservedCluster, Snapshot, Validation } from '../../src/ui/snapshot.ts';
import { untranslated } from '../../src/ui/translate.ts';
import type { StatusInput } from '../../src/ui/views/statusModel.ts';
import type { MasterStatus, PoolStatus } from '../../src/model/clusterStatus.ts';

/** 10:45 of a day, in UTC. */
export const now = Date.UTC(2026, 10, 24, 10, 45);
const minute = 60_000;

/** The zones of the article's region. */
export const zones = ['europe-west1-b', 'europe-west1-c', 'europe-west1-d'] as const;
const [b, c, d] = zones;

/** A master as it should be, but for what is given. */
export const master = (zone: string, more: Partial<MasterStatus> = {}): MasterStatus => ({
  name: zone === b ? 'kubernetes-master' : `kubernetes-master-${zone.slice(-1)}7x`,
  zone,
  machineType: 'e2-standard-2',
  status: 'RUNNING',
  node: 'Ready',
  etcd: zone === b ? 'leader' : 'voter',
  backend: 'healthy',
  ...more,
});

/** A pool of three nodes, the first `wrong` of them not Ready. */
export const pool = (zone: string, wrong = 0, more: Partial<PoolStatus> = {}): PoolStatus => ({
  name: 'kubernetes-minion-group',
  zone,
  size: 3,
  stable: true,
  nodes: [1, 2, 3].map((n) => ({
    name: `kubernetes-minion-group-${zone.slice(-1)}${n}x`,
    zone,
    machineType: 'e2-standard-2',
    status: 'RUNNING',
    node: n <= wrong ? 'NotReady' : 'Ready',
  })),
  ...more,
});

/** A cluster that answers. */
export const cluster = (
  masters: MasterStatus[],
  pools: PoolStatus[],
  more: Partial<ObservedCluster> = {},
): ObservedCluster => ({
  name: 'kubernetes',
  uid: 'abcd1234',
  region: 'europe-west1',
  endpoint: 'https://34.76.1.9',
  masters,
  pools,
  unreachable: undefined,
  running: undefined,
  kubernetesAt: now,
  unreachableSince: undefined,
  ...more,
});

/** The article's first cluster and its last one. */
export const one = cluster([master(b)], [pool(b)]);
export const three = cluster([master(b), master(c), master(d)], [pool(b), pool(c), pool(d)]);

/** A fresh snapshot of the demo project. */
export const snapshot = (clusters: readonly ObservedCluster[], more: Partial<Snapshot> = {}): Snapshot => ({
  cloud: 'emulator at http://127.0.0.1:1, project demo',
  project: 'demo',
  at: now,
  fresh: true,
  clusters,
  problem: undefined,
  ...more,
});

/** Input of the model: English, UTC, on the emulator. */
export const input = (more: Partial<StatusInput> = {}): StatusInput => ({
  t: untranslated,
  locale: 'en',
  timeZone: 'UTC',
  now,
  snapshot: snapshot([one]),
  runs: [],
  validations: [],
  zonesOf: () => zones,
  emulator: { timeScale: 0.02 },
  trusted: true,
  ...more,
});

/** A validation four minutes ago in which these checks failed. */
export const validation = (...failed: string[]): Validation => ({
  cluster: 'kubernetes',
  at: now - 4 * minute,
  checks: ['machines-running', 'api-ready', 'nodes-ready', 'etcd-health', 'dns-spread'].map((id) => ({
    id,
    ok: !failed.includes(id),
    evidence: failed.includes(id) ? `evidence of ${id}` : 'fine',
  })),
});

/** A step of a run. */
export const step = (title: string, state: StepRow['state'], more: Partial<StepRow> = {}): StepRow => ({
  id: `step:${title}`,
  title: message(title),
  state,
  expectedMs: 60_000,
  ms: state === 'pending' ? undefined : 41_000,
  text: '',
  problem: undefined,
  ...more,
});

/** A create that is under way. */
export const run = (more: Partial<RunRow> = {}): RunRow => ({
  run: 'up-kubernetes-20261124-104400',
  verb: 'up',
  label: 'Create {0}',
  adds: true,
  cluster: 'kubernetes',
  project: 'demo',
  at: now - minute,
  state: 'running',
  pid: 4711,
  steps: [
    step('Create network', 'done'),
    step('Create subnet', 'same'),
    step('Wait until kubernetes-master serves the API', 'running', {
      expectedMs: 200_000,
      text: 'kubeadm init: wait-control-plane',
    }),
    step('Wait for the instances of kubernetes-minion-group in europe-west1-b', 'running', { text: '1/3 running' }),
    step('Validate the cluster', 'pending'),
  ],
  ms: 95_000,
  expectedMs: 300_000,
  problem: undefined,
  readOnly: false,
  ...more,
});

/** A run that stopped at a stock-out. */
export const failedRun = run({
  state: 'failed',
  steps: [
    step('Create network', 'done'),
    step('Create instance kubernetes-master', 'failed', {
      problem: { code: 'stock-out', message: 'No capacity in the zone: europe-west1-b', remedy: 'Try europe-west1-c.' },
    }),
    step('Validate the cluster', 'stopped'),
  ],
});

const minutesAgo = (n: number): number => now - n * minute;

/** Kubernetes of three masters as it was at 10:40, gone since 10:41. */
export const unreachable = cluster(
  [master(b), master(c, { status: 'TERMINATED', backend: 'unhealthy' }), master(d, { backend: 'unhealthy' })],
  [pool(b), pool(c), pool(d)],
  {
    unreachable: 'No response within 5 s: https://34.76.1.9',
    kubernetesAt: minutesAgo(5),
    unreachableSince: minutesAgo(4),
  },
);

/** Every state worth looking at, by name. */
export const scenes: Readonly<Record<string, StatusInput>> = {
  loading: input({ snapshot: undefined }),
  empty: input({ snapshot: snapshot([]) }),
  one: input({ validations: [validation()] }),
  three: input({ snapshot: snapshot([three]), validations: [validation()] }),
  unreachable: input({ snapshot: snapshot([unreachable]), validations: [validation()] }),
  running: input({
    snapshot: snapshot([
      cluster(
        [master(b, { node: 'unknown', etcd: 'unknown', backend: 'unhealthy' })],
        [pool(b, 0, { stable: false, nodes: pool(b).nodes.slice(0, 1) })],
        { unreachable: 'the cluster has not published its admin kubeconfig yet', kubernetesAt: undefined },
      ),
    ]),
    runs: [run()],
  }),
  beginning: input({ snapshot: snapshot([]), runs: [run()] }),
  failed: input({ runs: [failedRun] }),
  invalid: input({
    snapshot: snapshot([cluster([master(b), master(c)], [pool(b, 2), pool(c, 1)])]),
    validations: [validation('nodes-ready', 'etcd-health')],
  }),
  problem: input({
    emulator: undefined,
    snapshot: snapshot([three], {
      fresh: false,
      at: minutesAgo(12),
      problem: {
        code: 'not-signed-in',
        message: 'The Application Default Credentials have expired',
        remedy: 'Say: gcloud auth application-default login',
      },
    }),
  }),
  degraded: input({
    snapshot: snapshot([
      cluster(
        [master(b), master(c, { status: 'TERMINATED', node: 'NotReady', backend: 'unhealthy' }), master(d)],
        [pool(b), pool(d)],
      ),
      { ...one, name: 'second', uid: 'efgh5678' },
    ]),
  }),
};
