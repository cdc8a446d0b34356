import type { Resources } from '../gce/kinds.ts';
import { message } from '../lib/message.ts';
import type { Cluster } from '../model/cluster.ts';
import { ensureInternalAddress } from '../steps/address.ts';
import { bootMaster } from '../steps/boot.ts';
import { drainNodes, forgetNodes } from '../steps/drain.ts';
import { powerOffNonVoter } from '../steps/powerOffNonVoter.ts';
import { awaitVoter, handOver, mayGrow, removeMember, type Member } from '../steps/etcd.ts';
import { labelParts, type Unlabelled } from '../steps/labels.ts';
import { holdLease, type Acting } from '../steps/lease.ts';
import {
  awaitDrained,
  awaitHealthy,
  detachGroup,
  ensureBackendService,
  ensureMasterGroup,
  othersIn,
} from '../steps/loadBalancer.ts';
import { mayShrink } from '../steps/mayLeave.ts';
import { deregister, ensureMaster, ensureMasterDisk, register, type Master } from '../steps/master.ts';
import { removal, remove } from '../steps/resource.ts';
import { validateCluster } from '../steps/validate.ts';
import type { After, CloudStep, Reads } from '../steps/world.ts';
import { machineChecks, type MachineParts } from './machineChecks.ts';
import { workflow, type Workflow } from './workflow.ts';

/** Masters that join, in this order; `others` already serve. */
export interface Joining {
  readonly masters: readonly Member[];
  readonly others: readonly string[];
}

/**
 * One or more masters join a serving cluster: their machines boot in parallel; joins and registrations happen one after
 * the other. kube-up: KUBE_REPLICATE_EXISTING_MASTER=true (replicate-master in cluster/gce/util.sh), which registers
 * first and moves the address, with 15 minutes of waiting.
 */
export const joinMasters = (cluster: Cluster, joining: Joining, by: Acting): CloudStep[] => {
  const w = workflow();
  const checks = machineChecks(w, cluster, { masters: joining.masters, pools: [] });
  const lease = w.add(holdLease(cluster, by, checks.all));
  const come = w.addAll(mastersCome(cluster, joining, checks.parts, [lease]));
  w.add(validateCluster(cluster, come.slice(-1)));
  return w.steps;
};

/** The steps of joining masters, for workflows that do more than that. */
export const mastersCome = (cluster: Cluster, joining: Joining, parts: MachineParts, after: After): CloudStep[] => {
  const w = workflow();
  const first = joining.masters[0] ?? { name: '', zone: '' };
  const guard = w.add(mayGrow({ names: cluster.names, through: joining.others }, first, after));
  const served = w.addAll(backends(cluster, [...new Set(joining.masters.map((m) => m.zone))], [guard]));
  const machines = joining.masters.map((m) => masterMachine(w, cluster, m, 'replica', parts, [guard]));
  const own = machines.map((m) => m.own);
  w.add(labelParts(cluster, ownAddresses(cluster, machines), own));
  oneByOne(w, cluster, machines, joining.others, served);
  return w.steps;
};

/** The groups of these zones, and both backend services with them as backends. */
export const backends = (cluster: Cluster, zones: readonly string[], after: After): CloudStep[] => {
  const groups = zones.map((zone) => ensureMasterGroup(cluster, zone, after));
  const services = (['EXTERNAL', 'INTERNAL'] as const).map((s) => ensureBackendService(cluster, s, zones, groups));
  return [...groups, ...services];
};

/** A master's own resources: address, disk, instance. */
export interface MasterMachine {
  readonly master: Master;
  readonly own: CloudStep<Resources['addresses']>;
  readonly machine: CloudStep<Resources['instances']>;
}

/** Address and disk first: they outlive the instance. `after` applies to each of the three. */
export const masterMachine = (
  into: Workflow,
  cluster: Cluster,
  master: Master,
  role: 'first' | 'replica',
  parts: MachineParts,
  after: After,
  ready: After = [],
): MasterMachine => {
  const facts = { master: master.name, zone: master.zone };
  const own = into.add(
    ensureInternalAddress(cluster, cluster.names.masterAddress(master.name), 'master', facts, after),
  );
  const disk = into.add(ensureMasterDisk(cluster, master, own, after));
  const machine = into.add(ensureMaster(cluster, master, role, { ...parts, own, disk }, ready));
  return { master, own, machine };
};

/** Masters' own addresses, for labeling. */
export const ownAddresses = (cluster: Cluster, machines: readonly MasterMachine[]): Unlabelled[] =>
  machines.map((m) => ({ kind: 'addresses', name: cluster.names.masterAddress(m.master.name), role: 'master' }));

/**
 * Each replica votes before it is registered (invariant 5) and is healthy before the next one joins (invariant 6);
 * until then etcd itself refuses a second learner, and the machine's join retries. Returns the last steps.
 */
export const oneByOne = (
  into: Workflow,
  cluster: Cluster,
  machines: readonly MasterMachine[],
  others: readonly string[],
  served: After,
): After => {
  const through = [...others];
  const joins = 'runs kubeadm join on the instance: learner, then voter';
  let before: After = served;
  for (const { master, machine } of machines) {
    const booted = into.add(bootMaster(master, { joins }, [machine]));
    const votes = into.add(awaitVoter({ names: cluster.names, through: [...through] }, master, [booted, ...before]));
    const registered = into.add(register(cluster, master, [machine, votes]));
    before = [into.add(awaitHealthy(cluster, master, [registered]))];
    through.push(master.name);
  }
  return before;
};

/** A master to be removed, and what is removed with it. */
export interface Leaving {
  readonly master: Member;
  /** Masters that remain. */
  readonly others: readonly string[];
  /** Whether there is no other master in its zone: then the zone's group is deleted, too. */
  readonly lastInZone: boolean;
}

/**
 * Removes a master in the order that loses no request (measured in the lab): powered off if it has no vote yet; out of
 * the load balancer, drained; leader moved away; pods moved; member removed; Node object; instance, disk, address.
 * kube-up: remove-replica-from-etcd and kube-down.
 */
export const removeMaster = (cluster: Cluster, leaving: Leaving, by: Acting): CloudStep[] => {
  const w = workflow();
  const lease = w.add(holdLease(cluster, by, []));
  const gone = w.addAll(masterGoes(cluster, leaving, [lease]));
  w.add(validateCluster(cluster, gone));
  return w.steps;
};

/** The steps of a master's removal, for workflows that remove more than one thing. */
export const masterGoes = (cluster: Cluster, { master, others, lastInZone }: Leaving, after: After): CloudStep[] => {
  const w = workflow();
  const { name, zone } = master;
  const etcd = { names: cluster.names, through: others };
  const guard = w.add(mayShrink(etcd, cluster, master, after));
  const off = w.add(powerOffNonVoter(etcd, master, cluster, [guard]));
  const out = w.add(deregister(cluster, master, [off]));
  const quiet = w.add(awaitDrained(cluster, master, [out]));
  const handed = w.add(handOver(etcd, master, [quiet]));
  const node = { names: cluster.names, nodes: [name] };
  const empty = w.add(drainNodes({ ...node, id: `drain:${name}`, title: message('Drain {0}', name), after: [handed] }));
  const member = w.add(removeMember(etcd, master, [empty]));
  const title = message('Delete the Node object of {0}', name);
  const forgotten = w.add(forgetNodes({ ...node, id: `forget:${name}`, title, after: [member] }));
  const machine = w.add(removal({ kind: 'instances', name, zone }, cluster, [forgotten]));
  w.add(removal({ kind: 'disks', name: cluster.names.masterDisk(name), zone }, cluster, [machine]));
  w.add(
    removal({ kind: 'addresses', name: cluster.names.masterAddress(name), region: cluster.region }, cluster, [machine]),
  );
  if (lastInZone) w.addAll(groupGoes(cluster, master, [machine]));
  return w.steps;
};

// The backend services are detached from the group before it is deleted: it is in use until then.
const groupGoes = (cluster: Cluster, leaving: Master, after: After): CloudStep[] => {
  const free = (['EXTERNAL', 'INTERNAL'] as const).map((scheme) => detachGroup(cluster, scheme, leaving, after));
  const ref = { kind: 'instanceGroups', name: cluster.names.masterGroup, zone: leaving.zone } as const;
  const title = message('Delete instance group {0} in {1}', ref.name, ref.zone);
  const keep = (world: Reads): Promise<string | undefined> => othersIn(world, cluster, leaving);
  return [
    ...free,
    remove({ id: `remove-group:${ref.zone}/${ref.name}`, title, after: free, ref, owner: cluster, keep }),
  ];
};
