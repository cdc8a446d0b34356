import type { Resources } from '../gce/kinds.ts';
import { message } from '../lib/message.ts';
import type { Cluster } from '../model/cluster.ts';
import { ensureInternalAddress } from '../steps/address.ts';
import { bootMaster } from '../steps/boot.ts';
import { drainNodes, forgetNodes } from '../steps/drain.ts';
import { keepOut } from '../steps/keepOut.ts';
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

/** Masters that come, in the order in which they join; `others` serve already. */
export interface Joining {
  readonly masters: readonly Member[];
  readonly others: readonly string[];
}

/**
 * One or more masters join a cluster that serves: their machines boot side by side, their joins and registrations come one
 * after the other. kube-up: KUBE_REPLICATE_EXISTING_MASTER=true (replicate-master in cluster/gce/util.sh), which registers first and
 * moves the address, with 15 minutes of waiting.
 */
export const joinMasters = (c: Cluster, j: Joining, by: Acting): CloudStep[] => {
  const w = workflow();
  const checks = machineChecks(w, c, { masters: j.masters, pools: [] });
  const lease = w.add(holdLease(c, by, checks.all));
  const come = w.addAll(mastersCome(c, j, checks.parts, [lease]));
  w.add(validateCluster(c, come.slice(-1)));
  return w.steps;
};

/** The steps of masters that join, for workflows that do more than that. */
export const mastersCome = (c: Cluster, j: Joining, parts: MachineParts, after: After): CloudStep[] => {
  const w = workflow();
  const first = j.masters[0] ?? { name: '', zone: '' };
  const guard = w.add(mayGrow({ names: c.names, through: j.others }, first, after));
  const served = w.addAll(backends(c, [...new Set(j.masters.map((m) => m.zone))], [guard]));
  const machines = j.masters.map((m) => masterMachine(w, c, m, 'replica', parts, [guard]));
  const own = machines.map((m) => m.own);
  w.add(labelParts(c, ownAddresses(c, machines), own));
  oneByOne(w, c, machines, j.others, served);
  return w.steps;
};

/** Groups of these zones, and both backend services with them. */
export const backends = (c: Cluster, zones: readonly string[], after: After): CloudStep[] => {
  const groups = zones.map((zone) => ensureMasterGroup(c, zone, after));
  const services = (['EXTERNAL', 'INTERNAL'] as const).map((s) => ensureBackendService(c, s, zones, groups));
  return [...groups, ...services];
};

/** A master's own parts: address, disk, machine. */
export interface MasterMachine {
  readonly master: Master;
  readonly own: CloudStep<Resources['addresses']>;
  readonly machine: CloudStep<Resources['instances']>;
}

/** Address and disk first: they outlive the machine. `after` holds for each of the three. */
export const masterMachine = (
  w: Workflow,
  c: Cluster,
  m: Master,
  role: 'first' | 'replica',
  parts: MachineParts,
  after: After,
  ready: After = [],
): MasterMachine => {
  const facts = { master: m.name, zone: m.zone };
  const own = w.add(ensureInternalAddress(c, c.names.masterAddress(m.name), 'master', facts, after));
  const disk = w.add(ensureMasterDisk(c, m, own, after));
  const machine = w.add(ensureMaster(c, m, role, { ...parts, own, disk }, ready));
  return { master: m, own, machine };
};

/** Own addresses of masters, as they are labelled. */
export const ownAddresses = (c: Cluster, machines: readonly MasterMachine[]): Unlabelled[] =>
  machines.map((m) => ({ kind: 'addresses', name: c.names.masterAddress(m.master.name), role: 'master' }));

/**
 * Each replica votes before it is registered (invariant 5), and is healthy before the next one is let in (invariant 6); until
 * then etcd itself refuses a second learner, and the machine's join tries again. Answers what the last one ends with.
 */
export const oneByOne = (
  w: Workflow,
  c: Cluster,
  machines: readonly MasterMachine[],
  others: readonly string[],
  served: After,
): After => {
  const through = [...others];
  const joins = 'runs kubeadm join on the instance: learner, then voter';
  let before: After = served;
  for (const { master, machine } of machines) {
    const booted = w.add(bootMaster(master, { joins }, [machine]));
    const votes = w.add(awaitVoter({ names: c.names, through: [...through] }, master, [booted, ...before]));
    const registered = w.add(register(c, master, [machine, votes]));
    before = [w.add(awaitHealthy(c, master, [registered]))];
    through.push(master.name);
  }
  return before;
};

/** A master that goes, and what goes with it. */
export interface Leaving {
  readonly master: Member;
  /** Masters that stay. */
  readonly others: readonly string[];
  /** Whether no other master is in its zone: then the zone's group goes, too. */
  readonly lastInZone: boolean;
}

/**
 * A master goes in the order that costs no request (measured in the lab): off where it has no vote yet; out of the load balancer,
 * drained; leader moved away; pods moved; member removed; Node object; machine, disk, address. kube-up: remove-replica-from-etcd and
 * kube-down.
 */
export const removeMaster = (c: Cluster, l: Leaving, by: Acting): CloudStep[] => {
  const w = workflow();
  const lease = w.add(holdLease(c, by, []));
  const gone = w.addAll(masterGoes(c, l, [lease]));
  w.add(validateCluster(c, gone));
  return w.steps;
};

/** The steps of a master's removal, for workflows that remove more than one thing. */
export const masterGoes = (c: Cluster, { master, others, lastInZone }: Leaving, after: After): CloudStep[] => {
  const w = workflow();
  const { name, zone } = master;
  const etcd = { names: c.names, through: others };
  const guard = w.add(mayShrink(etcd, c, master, after));
  const off = w.add(keepOut(etcd, master, c, [guard]));
  const out = w.add(deregister(c, master, [off]));
  const quiet = w.add(awaitDrained(c, master, [out]));
  const handed = w.add(handOver(etcd, master, [quiet]));
  const node = { names: c.names, nodes: [name] };
  const empty = w.add(drainNodes({ ...node, id: `drain:${name}`, title: message('Drain {0}', name), after: [handed] }));
  const member = w.add(removeMember(etcd, master, [empty]));
  const title = message('Delete the Node object of {0}', name);
  const forgotten = w.add(forgetNodes({ ...node, id: `forget:${name}`, title, after: [member] }));
  const machine = w.add(removal({ kind: 'instances', name, zone }, c, [forgotten]));
  w.add(removal({ kind: 'disks', name: c.names.masterDisk(name), zone }, c, [machine]));
  w.add(removal({ kind: 'addresses', name: c.names.masterAddress(name), region: c.region }, c, [machine]));
  if (lastInZone) w.addAll(groupGoes(c, master, [machine]));
  return w.steps;
};

// The backend services let go of the group before it is deleted: it is in use until then.
const groupGoes = (c: Cluster, leaving: Master, after: After): CloudStep[] => {
  const free = (['EXTERNAL', 'INTERNAL'] as const).map((scheme) => detachGroup(c, scheme, leaving, after));
  const ref = { kind: 'instanceGroups', name: c.names.masterGroup, zone: leaving.zone } as const;
  const title = message('Delete instance group {0} in {1}', ref.name, ref.zone);
  const keep = (world: Reads): Promise<string | undefined> => othersIn(world, c, leaving);
  return [...free, remove({ id: `remove-group:${ref.zone}/${ref.name}`, title, after: free, ref, owner: c, keep })];
};
