import type { StoredRun, UnreadRun } from '../engine/journalRecords.ts';
import type { ClusterStatus, MachineStatus, MasterStatus, PoolStatus } from '../model/clusterStatus.ts';
import type { Check } from '../steps/check.ts';
import type { Leftover } from '../steps/leftover.ts';

// What lists say to programs (README, "For scripts"): these fields and no others, whatever else is known. A field that has no value is
// left out. test/cli/lists.test.ts holds them.

const machine = ({ name, zone, machineType, status, node }: MachineStatus) => ({
  ...{ name, zone, machineType, status, node },
});

const master = (m: MasterStatus) => ({
  ...machine(m),
  etcd: m.etcd,
  backend: m.backend,
  certificatesEnd: iso(m.certificatesEnd),
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
export const clusterDocument = (c: ClusterStatus) => ({
  ...{ name: c.name, uid: c.uid, region: c.region, endpoint: c.endpoint, protected: c.isProtected === true },
  masters: c.masters.map(master),
  pools: c.pools.map(pool),
  ...{ running: c.running, unreachable: c.unreachable, unreachableZones: c.unreachableZones },
});

/** One check of `trizone validate`. */
export const checkDocument = ({ id, ok, evidence, lasts }: Check) => ({ id, ok, evidence, lasts });

/** One line of `trizone leftovers`. */
export const leftoverDocument = ({ kind, name, where, cluster, uid, whose, billed }: Leftover) => ({
  ...{ kind, name, where, cluster, uid, whose, billed },
});

/** One run of `trizone runs`, with its state in words. */
export const runDocument = (r: StoredRun, state: string) => ({
  ...{ run: r.plan.run, verb: r.plan.verb, cluster: r.plan.cluster, project: r.plan.project, state },
  ...{ started: iso(r.plan.at), stepsDone: stepsDone(r) },
});

/** How many steps of a run are done. */
export const stepsDone = ({ records }: StoredRun): number =>
  new Set(records.flatMap((x) => (x.type === 'done' ? [x.step] : []))).size;

/** A run of `trizone runs` whose journal cannot be read. */
export const unreadDocument = ({ run, error: { message, remedy } }: UnreadRun) => ({ run, message, remedy });
