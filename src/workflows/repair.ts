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

/** A master that comes back, and those through which etcd can be asked meanwhile. */
export interface Returning {
  readonly master: Member;
  readonly others: readonly string[];
}

/** A master's member votes again, and it serves again; its registration has usually survived, where it did not leave (`out`). */
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

/** A machine that is off is powered on, one that hangs is reset where `restart` says so; then it is waited for until it serves. */
export const startMaster = (cluster: Cluster, returning: Returning, restart: Restart, by: Acting): CloudStep[] => {
  const w = workflow();
  const lease = w.add(holdLease(cluster, by, []));
  w.addAll(powerCycled(cluster, returning, restart, [lease]));
  return w.steps;
};

// Powered on, or cycled, after `after`; `out`: by what it left the load balancer.
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

/**
 * A master that is well, but has to restart: clients and leadership leave it first, so that no request is lost where three
 * are there.
 */
export const restartMaster = (cluster: Cluster, returning: Returning, by: Acting): CloudStep[] => {
  const { master, others } = returning;
  const w = workflow();
  const lease = w.add(holdLease(cluster, by, []));
  const etcd = { names: cluster.names, through: others };
  // Of two masters none can be spared: there the pause is what the person said yes to.
  const guards = w.addAll(others.length === 1 ? [] : [mayHalt(etcd, cluster, master, [lease])]);
  const out = w.add(deregister(cluster, master, [lease, ...guards]));
  const quiet = w.add(awaitDrained(cluster, master, [out]));
  const handed = w.add(handOver(etcd, master, [quiet]));
  w.addAll(powerCycled(cluster, returning, 'always', [handed], [out]));
  return w.steps;
};

/**
 * A machine that is gone is re-created on its disk and address: etcd's data and its identity are there, so it does not join
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

/** What cannot come back goes, and only then another one joins: etcd counts a dead member against every new one. */
export const replaceMaster = (cluster: Cluster, going: Leaving, coming: Joining, by: Acting): CloudStep[] => {
  const w = workflow();
  const checks = machineChecks(w, cluster, { masters: coming.masters, pools: [] });
  // A master and its disk go for good, whatever the verb is called.
  const lease = w.add(holdLease(cluster, { ...by, risky: true }, checks.all));
  const gone = w.addAll(masterGoes(cluster, going, [lease]));
  const come = w.addAll(mastersCome(cluster, coming, checks.parts, gone));
  w.add(validateCluster(cluster, come.slice(-1)));
  return w.steps;
};
