import type { AuditEntry } from '../../../src/emulator/audit.ts';
import { labelKeys, readRoot } from '../../../src/model/marker.ts';
import { quorum } from '../../../src/model/quorum.ts';
import type { Play } from './play.ts';
import type { Site } from './stage.ts';
import { targetOf, type Target } from './target.ts';
import { Truth } from './truth.ts';

/** A violated rule of the observer: the letter of the check, and what happened. */
export class Broken extends Error {
  readonly check: string;

  constructor(check: string, what: string) {
    super(what);
    this.check = check;
  }
}

/** A change in Kubernetes, as requested by an operator's client. */
export interface KubeChange {
  readonly method: string;
  /** `Lease/trizone-probe-0`, a Node's name, a member's ID. */
  readonly name: string;
  /** Cluster whose API server received the request. */
  readonly uid: string | undefined;
}

/** The caller: its active runs at this moment, and its holder ID. */
export interface Caller {
  readonly name: string;
  readonly holder: string;
  readonly plays: readonly Play[];
}

/** Checks every change of both clouds just before it is carried out. */
export class Observer {
  /** Violations, in order; the first one counts. */
  readonly broken: Broken[] = [];
  mutations = 0;
  private readonly seen = new Set<string>();

  /** Checks a change in Google Cloud. */
  cloud(site: Site, entry: AuditEntry, caller: Caller): void {
    // A repeated request: it is answered, but nothing is done twice.
    if (entry.requestId !== undefined && this.seen.has(entry.requestId)) return;
    if (entry.requestId !== undefined) this.seen.add(entry.requestId);
    this.mutations++;
    const truth = new Truth(site.emulator);
    const target = targetOf(truth, entry);
    const what = `${entry.verb} ${target.path} on ${site.name} by ${caller.name}`;
    this.judge(() => {
      this.checkOwner(site, target.uids, caller, what);
      if (!isOfLease(entry, target)) checkLease(truth, target.uids, caller, what);
      checkQuorum(site, truth, target, entry, caller, what);
      checkGroup(truth, target, entry, caller, what);
    });
  }

  /** Checks a change in Kubernetes. */
  kubernetes(site: Site, change: KubeChange, caller: Caller): void {
    this.mutations++;
    const truth = new Truth(site.emulator);
    const uids = change.uid === undefined ? [] : [change.uid];
    const what = `${change.method} ${change.name} on ${site.name} by ${caller.name}`;
    const isProbe = change.name.startsWith('Lease/trizone-probe-');
    this.judge(() => {
      // The prober's last request may be under way when its verb returns, and it needs no lease.
      if (!isProbe) {
        this.checkOwner(site, uids, caller, what);
        checkLease(truth, uids, caller, what);
      }
      if (change.method === 'removeMember') checkRemoval(site, truth, change, what);
    });
  }

  /** Runs a check and records its violation. */
  judge(check: () => void): void {
    try {
      check();
    } catch (error) {
      if (!(error instanceof Broken)) throw error;
      this.broken.push(error);
    }
  }

  // (a) The target's uid is the run's.
  private checkOwner(site: Site, uids: readonly string[], caller: Caller, what: string): void {
    const mine = caller.plays.filter((p) => p.site === site).map((p) => p.uid);
    if (caller.plays.length === 0) throw new Broken('a', `${what}: no run of this process is under way`);
    for (const uid of uids)
      if (!mine.includes(uid))
        throw new Broken('a', `${what}: of cluster ${uid}, the run is for ${words(caller.plays)}`);
  }
}

const words = (plays: readonly Play[]): string =>
  plays.map((p) => `${p.uid ?? 'none'} on ${p.site.name} (${p.title})`).join(', ');

// The insert of the root record, and every write of its labels: lease and protection.
const isOfLease = (entry: AuditEntry, { path, body }: Target): boolean =>
  entry.kind === 'addresses' &&
  path.endsWith('-master-ip') &&
  (entry.verb === 'setLabels' || (entry.verb === 'insert' && readRoot(body.description ?? '') !== undefined));

// (b) The caller holds the lease at that instant.
const checkLease = (truth: Truth, uids: readonly string[], caller: Caller, what: string): void => {
  for (const uid of uids) {
    const holder = truth.roots().find((r) => r.record.uid === uid)?.labels[labelKeys.leaseHolder];
    if (holder !== caller.holder)
      throw new Broken('b', `${what}: the lease of ${uid} is held by ${holder ?? 'nobody'}, not by ${caller.holder}`);
  }
};

const isAlive = (site: Site, truth: Truth, machine: string): boolean =>
  truth.hasPower(machine) && !site.emulator.faults.isDown(machine.split('/')[1] ?? '');

// (c) Quorum survives the change, if it existed before. A teardown of the whole cluster is exempt.
const checkQuorum = (
  site: Site,
  truth: Truth,
  target: Target,
  entry: AuditEntry,
  caller: Caller,
  what: string,
): void => {
  if (entry.kind !== 'instances' || !['stop', 'reset', 'delete'].includes(entry.verb)) return;
  const [uid] = target.uids;
  if (uid === undefined || caller.plays.some((p) => p.uid === uid && p.endsCluster)) return;
  const { voters } = truth.masters(uid);
  // The only master is repaired by a reset, and its plan says so.
  const isRepair = caller.plays.some((p) => p.uid === uid && p.verb === 'master-repair');
  if (entry.verb === 'reset' && voters.length === 1 && isRepair) return;
  const alive = voters.filter((m) => isAlive(site, truth, m));
  const least = quorum(voters.length);
  if (!alive.includes(target.path) || alive.length < least) return;
  if (alive.length - 1 < least)
    throw new Broken('c', `${what}: ${alive.length} of ${voters.length} voters have power, ${least} are needed`);
};

const checkRemoval = (site: Site, truth: Truth, { uid, name }: KubeChange, what: string): void => {
  const { voters } = truth.masters(uid ?? '');
  const alive = voters.filter((m) => isAlive(site, truth, m));
  // The member's ID if its machine is gone: it was powered off then.
  const rest = truth.masters(uid ?? '').voters.length - 1;
  const gone = truth.machineOfMember(uid ?? '', name);
  if (gone === undefined || alive.length < quorum(voters.length)) return;
  const left = alive.filter((m) => m !== gone).length;
  if (left < quorum(rest)) throw new Broken('c', `${what}: ${left} of ${rest} voters would have power`);
};

// (d) A serving master stays in the group until its own removal.
const checkGroup = (truth: Truth, target: Target, entry: AuditEntry, caller: Caller, what: string): void => {
  if (entry.kind !== 'instanceGroups' || entry.verb !== 'delete') return;
  const [uid] = target.uids;
  if (uid === undefined || caller.plays.some((p) => p.uid === uid && p.endsCluster)) return;
  const zone = target.path.split('/')[1] ?? '';
  const serving = truth.registered(uid).filter((m) => m.startsWith(`zones/${zone}/`));
  const { voters } = truth.masters(uid);
  const harmed = serving.filter((m) => voters.includes(m) && truth.hasPower(m));
  if (harmed.length > 0) throw new Broken('d', `${what}: ${harmed.join(', ')} serves in it`);
};
