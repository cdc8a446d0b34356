import type { Resources } from '../gce/kinds.ts';
import type { Cluster } from '../model/cluster.ts';
import { ensureInternalAddress } from '../steps/address.ts';
import { bootMaster } from '../steps/boot.ts';
import { drainNodes, forgetNodes } from '../steps/drain.ts';
import { keepOut } from '../steps/keepOut.ts';
import { awaitVoter, handOver, mayGrow, mayShrink, removeMember, type Member } from '../steps/etcd.ts';
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
import { deregister, ensureMaster, ensureMasterDisk, register, type Master } from '../steps/master.ts';
import { removal, remove } from '../steps/resource.ts';
import { validateCluster } from '../steps/validate.ts';
import type { After, CloudStep, Reads } from '../steps/world.ts';
import { machineChecks, type MachineParts } from './machineChecks.ts';

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
  const checks = machineChecks(c, { masters: j.masters, pools: [] });
  const lease = holdLease(c, by, checks.all);
  const come = mastersCome(c, j, checks.parts, [lease]);
  return [...checks.all, lease, ...come, validateCluster(c, come.slice(-1))];
};

/** The steps of masters that join, for workflows that do more than that. */
export const mastersCome = (c: Cluster, j: Joining, parts: MachineParts, after: After): CloudStep[] => {
  const first = j.masters[0] ?? { name: '', zone: '' };
  const guard = mayGrow({ names: c.names, through: j.others }, first, after);
  const served = backends(c, [...new Set(j.masters.map((m) => m.zone))], [guard]);
  const machines = j.masters.map((m) => masterMachine(c, m, 'replica', parts, [guard]));
  const own = machines.map((m) => m.own);
  const labels = labelParts(c, ownAddresses(c, machines), own);
  const joins = oneByOne(c, machines, j.others, served);
  return [guard, ...served, ...machines.flatMap((m) => m.steps), labels, ...joins];
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
  readonly steps: readonly CloudStep[];
}

/** Address and disk first: they outlive the machine. `after` holds for each of the three. */
export const masterMachine = (
  c: Cluster,
  m: Master,
  role: 'first' | 'replica',
  parts: MachineParts,
  after: After,
  ready: After = [],
): MasterMachine => {
  const facts = { master: m.name, zone: m.zone };
  const own = ensureInternalAddress(c, c.names.masterAddress(m.name), 'master', facts, after);
  const disk = ensureMasterDisk(c, m, own, after);
  const machine = ensureMaster(c, m, role, { ...parts, own, disk }, ready);
  return { master: m, own, machine, steps: [own, disk, machine] };
};

/** Own addresses of masters, as they are labelled. */
export const ownAddresses = (c: Cluster, machines: readonly MasterMachine[]): Unlabelled[] =>
  machines.map((m) => ({ kind: 'addresses', name: c.names.masterAddress(m.master.name), role: 'master' }));

/**
 * Each replica votes before it is registered (invariant 5), and is healthy before the next one is let in (invariant 6); until
 * then etcd itself refuses a second learner, and the machine's join tries again.
 */
export const oneByOne = (
  c: Cluster,
  machines: readonly MasterMachine[],
  others: readonly string[],
  served: After,
): CloudStep[] => {
  const steps: CloudStep[] = [];
  const through = [...others];
  let before: After = served;
  for (const { master, machine } of machines) {
    const booted = bootMaster(master, { joins: 'kubeadm join on the machine itself: learner, then voter' }, [machine]);
    const votes = awaitVoter({ names: c.names, through: [...through] }, master, [booted, ...before]);
    const door = register(c, master, [machine, votes]);
    const healthy = awaitHealthy(c, master, [door]);
    steps.push(booted, votes, door, healthy);
    through.push(master.name);
    before = [healthy];
  }
  return steps;
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
  const lease = holdLease(c, by, []);
  const steps = masterGoes(c, l, [lease]);
  return [lease, ...steps, validateCluster(c, steps)];
};

/** The steps of a master's removal, for workflows that remove more than one thing. */
export const masterGoes = (c: Cluster, { master, others, lastInZone }: Leaving, after: After): CloudStep[] => {
  const { name, zone } = master;
  const etcd = { names: c.names, through: others };
  const guard = mayShrink(etcd, master, after);
  const off = keepOut(etcd, master, c, [guard]);
  const out = deregister(c, master, [off]);
  const quiet = awaitDrained(c, master, [out]);
  const handed = handOver(etcd, master, [quiet]);
  const node = { names: c.names, nodes: [name] };
  const empty = drainNodes({ ...node, id: `drain:${name}`, title: `Drain ${name}`, after: [handed] });
  const member = removeMember(etcd, master, [empty]);
  const forgotten = forgetNodes({
    ...node,
    id: `forget:${name}`,
    title: `Remove the Node object of ${name}`,
    after: [member],
  });
  const machine = removal({ kind: 'instances', name, zone }, c, [forgotten]);
  const rest = [
    removal({ kind: 'disks', name: c.names.masterDisk(name), zone }, c, [machine]),
    removal({ kind: 'addresses', name: c.names.masterAddress(name), region: c.region }, c, [machine]),
  ];
  const group = lastInZone ? groupGoes(c, master, [machine]) : [];
  return [guard, off, out, quiet, handed, empty, member, forgotten, machine, ...rest, ...group];
};

// The backend services let go of the group before it is deleted: it is in use until then.
const groupGoes = (c: Cluster, leaving: Master, after: After): CloudStep[] => {
  const free = (['EXTERNAL', 'INTERNAL'] as const).map((scheme) => detachGroup(c, scheme, leaving, after));
  const ref = { kind: 'instanceGroups', name: c.names.masterGroup, zone: leaving.zone } as const;
  const title = `Remove group ${ref.name} in ${ref.zone}`;
  const keep = (world: Reads): Promise<string | undefined> => othersIn(world, c, leaving);
  return [...free, remove({ id: `remove-group:${ref.zone}/${ref.name}`, title, after: free, ref, owner: c, keep })];
};
