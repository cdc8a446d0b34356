import type { Cluster } from '../model/cluster.ts';
import { bootMaster } from '../steps/boot.ts';
import { mayHalt } from '../steps/mayLeave.ts';
import { awaitVoter, handOver, type Member } from '../steps/etcd.ts';
import { holdLease, type Acting } from '../steps/lease.ts';
import { awaitDrained, awaitHealthy } from '../steps/loadBalancer.ts';
import { deregister, register } from '../steps/master.ts';
import { powerOn, type Restart } from '../steps/power.ts';
import { validateCluster } from '../steps/validate.ts';
import type { After, CloudStep } from '../steps/world.ts';
import { machineChecks } from './machineChecks.ts';
import { backends, masterGoes, masterMachine, mastersCome, type Joining, type Leaving } from './masters.ts';
import { workflow } from './workflow.ts';

/** A master that returns, and the other masters through which etcd can be queried until then. */
export interface Returning {
  readonly master: Member;
  readonly others: readonly string[];
}

/**
 * Waits until a master's member votes again and the master serves; usually it is still registered, unless it left
 * (`out`).
 */
export const servesAgain = (
  cluster: Cluster,
  { master, others }: Returning,
  after: After,
  out: After = [],
): CloudStep[] => {
  const w = workflow();
  const votes = w.add(awaitVoter({ names: cluster.names, through: [...others, master.name] }, master, after));
  const registered = w.add(register(cluster, master, [votes, ...out]));
  w.add(awaitHealthy(cluster, master, [registered]));
  return w.steps;
};

/** Starts a master's instance if it is off, or resets a hanging one if `restart` says so; then waits until it serves. */
export const startMaster = (cluster: Cluster, returning: Returning, restart: Restart, by: Acting): CloudStep[] => {
  const w = workflow();
  const lease = w.add(holdLease(cluster, by, []));
  w.addAll(powerCycled(cluster, returning, restart, [lease]));
  return w.steps;
};

// Powered on or reset after `after`; `out`: the steps that removed it from the load balancer.
const powerCycled = (
  cluster: Cluster,
  returning: Returning,
  restart: Restart,
  after: After,
  out: After = [],
): CloudStep[] => {
  const w = workflow();
  const since = w.add(powerOn(returning.master, restart, after));
  const booted = w.add(bootMaster(returning.master, { joins: 'its static pods start from its disk', since }, []));
  const serves = w.addAll(servesAgain(cluster, returning, [booted], out));
  w.add(validateCluster(cluster, serves.slice(-1)));
  return w.steps;
};

/** Restarts a healthy master: clients and leadership move away first, so that with three masters no request is lost. */
export const restartMaster = (cluster: Cluster, returning: Returning, by: Acting): CloudStep[] => {
  const { master, others } = returning;
  const w = workflow();
  const lease = w.add(holdLease(cluster, by, []));
  const etcd = { names: cluster.names, through: others };
  // Of two masters, neither is dispensable: the user has accepted the outage.
  const guards = w.addAll(others.length === 1 ? [] : [mayHalt(etcd, cluster, master, [lease])]);
  const out = w.add(deregister(cluster, master, [lease, ...guards]));
  const quiet = w.add(awaitDrained(cluster, master, [out]));
  const handed = w.add(handOver(etcd, master, [quiet]));
  w.addAll(powerCycled(cluster, returning, 'always', [handed], [out]));
  return w.steps;
};

/**
 * Re-creates a missing instance on its disk and address: they hold etcd's data and its identity, so it does not join
 * again (measured in the lab: the same member, in sync after seconds).
 */
export const recreateMaster = (cluster: Cluster, returning: Returning, by: Acting): CloudStep[] => {
  const w = workflow();
  const checks = machineChecks(w, cluster, { masters: [returning.master], pools: [] });
  const lease = w.add(holdLease(cluster, by, checks.all));
  const served = w.addAll(backends(cluster, [returning.master.zone], [lease]));
  const { machine } = masterMachine(w, cluster, returning.master, 'replica', checks.parts, [lease], served);
  const booted = w.add(bootMaster(returning.master, { joins: 'its static pods start from its disk' }, [machine]));
  const serves = w.addAll(servesAgain(cluster, returning, [booted]));
  w.add(validateCluster(cluster, serves.slice(-1)));
  return w.steps;
};

/** Removes what cannot return, and only then adds a replacement: etcd counts a dead member against every new one. */
export const replaceMaster = (cluster: Cluster, going: Leaving, coming: Joining, by: Acting): CloudStep[] => {
  const w = workflow();
  const checks = machineChecks(w, cluster, { masters: coming.masters, pools: [] });
  // A master and its disk are deleted for good, so this is risky whatever the verb.
  const lease = w.add(holdLease(cluster, { ...by, risky: true }, checks.all));
  const gone = w.addAll(masterGoes(cluster, going, [lease]));
  const come = w.addAll(mastersCome(cluster, coming, checks.parts, gone));
  w.add(validateCluster(cluster, come.slice(-1)));
  return w.steps;
};
