import type { StoredRun, UnreadRun } from '../engine/journalRecords.ts';
import type { ClusterStatus, MachineStatus, MasterStatus, PoolStatus } from '../model/clusterStatus.ts';
import type { Check } from '../steps/check.ts';
import type { Leftover } from '../steps/leftover.ts';

// The JSON of lists (README, "For scripts"): exactly these fields, whatever else is known. A field without a value is
// omitted. Tested by test/cli/lists.test.ts.

const machine = ({ name, zone, machineType, status, node }: MachineStatus) => ({
  ...{ name, zone, machineType, status, node },
});

const master = (master: MasterStatus) => ({
  ...machine(master),
  etcd: master.etcd,
  backend: master.backend,
  certificatesEnd: iso(master.certificatesEnd),
});

const pool = ({ name, zone, size, stable, nodes }: PoolStatus) => ({
  name,
  zone,
  size,
  stable,
  nodes: nodes.map(machine),
});

const iso = (ms: number | undefined): string | undefined => (ms === undefined ? undefined : new Date(ms).toISOString());

/** One cluster of `trizone status`. */
export const clusterDocument = (cluster: ClusterStatus) => ({
  ...{
    name: cluster.name,
    uid: cluster.uid,
    region: cluster.region,
    endpoint: cluster.endpoint,
    protected: cluster.isProtected === true,
  },
  masters: cluster.masters.map(master),
  pools: cluster.pools.map(pool),
  ...{ running: cluster.running, unreachable: cluster.unreachable, unreachableZones: cluster.unreachableZones },
});

/** One check of `trizone validate`. */
export const checkDocument = ({ id, ok, evidence, lasts }: Check) => ({ id, ok, evidence, lasts });

/** One line of `trizone leftovers`. */
export const leftoverDocument = ({ kind, name, where, cluster, uid, whose, billed }: Leftover) => ({
  ...{ kind, name, where, cluster, uid, whose, billed },
});

/** One run of `trizone runs`, with its state as text. */
export const runDocument = (run: StoredRun, state: string) => ({
  ...{ run: run.plan.run, verb: run.plan.verb, cluster: run.plan.cluster, project: run.plan.project, state },
  ...{ started: iso(run.plan.at), stepsDone: stepsDone(run) },
});

/** Number of completed steps of a run. */
export const stepsDone = ({ records }: StoredRun): number =>
  new Set(records.flatMap((x) => (x.type === 'done' ? [x.step] : []))).size;

/** A run of `trizone runs` whose journal cannot be read. */
export const unreadDocument = ({ run, error: { message, remedy } }: UnreadRun) => ({ run, message, remedy });
