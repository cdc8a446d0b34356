import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { makeSession, type Session } from '../../../src/compose.ts';
import { connectCloud } from '../../../src/gce/connect.ts';
import { connectKubernetes } from '../../../src/kube/client.ts';
import type { KubernetesWriter, Manifest } from '../../../src/kube/kubernetes.ts';
import { fileJournals, readRun, runNames } from '../../../src/engine/journal.ts';
import type { PlanRecord, StoredRun } from '../../../src/engine/journalRecords.ts';
import { holderId } from '../../../src/engine/holder.ts';
import { seededIds } from '../../../src/lib/ids.ts';
import { asOperatorError } from '../../../src/lib/operatorError.ts';
import type { VirtualClock } from '../../../src/lib/virtualClock.ts';
import { forgetRun } from '../../../src/verbs/identity.ts';
import { project } from '../cloudWorld.ts';
import { temporaryFolder, type Cleanup } from '../engineWorld.ts';
import { Computer } from './computer.ts';
import { uidOf, type Told } from './deeds.ts';
import type { Caller, Observer } from './observer.ts';
import { Play } from './play.ts';
import { Process } from './process.ts';
import type { ClusterName, Site } from './stage.ts';
import { Truth } from './truth.ts';

/** Dependencies of an operator. */
export interface OperatorParts {
  readonly t: Cleanup;
  readonly clock: VirtualClock;
  readonly seed: string;
  readonly observer: Observer;
  readonly log: (text: string) => void;
}

/** Whether a plan is left waiting, and whether a dead run's lease is taken over. */
export interface How {
  readonly waits: boolean;
  readonly takeOver: boolean;
}

const mutating: readonly string[] = ['cordon', 'evict', 'deleteNode', 'apply', 'remove', 'removeMember', 'moveLeader'];

/** A user with a computer and a state folder. The front ends implement how requests are carried out. */
export abstract class Operator {
  readonly name: string;
  readonly computer: Computer;
  readonly folder: string;
  readonly plays: Play[] = [];
  protected readonly p: OperatorParts;
  private readonly processes = new Map<string, Process>();
  private readonly sessions: Session[] = [];

  constructor(name: string, p: OperatorParts) {
    this.name = name;
    this.p = p;
    this.computer = new Computer(p.clock);
    this.folder = temporaryFolder(p.t);
  }

  /** A new request: planned and applied, or left waiting with `waits`. */
  abstract want(site: Site, cluster: ClusterName, told: Told, how: How): void;

  /** Resumes or undoes a run. */
  abstract again(what: 'resume' | 'undo', run: StoredRun, site: Site, takeOver: boolean): Play;

  /** Confirms or rejects the nth waiting plan; returns its title, undefined if none is waiting. */
  abstract answer(nth: number, yes: boolean): string | undefined;

  /** All processes of this computer die, with everything that was waiting in them. */
  kill(): void {
    this.computer.recordsLeft = Infinity;
    for (const process of this.processes.values()) process.kill();
    rmSync(join(this.folder, 'leases'), { recursive: true, force: true }); // their process IDs no longer exist
    for (const play of this.plays)
      if (play.state !== 'over') {
        play.outcome ||= 'killed';
        play.state = 'over';
      }
  }

  /** Releases everything at the end of a story. */
  async close(): Promise<void> {
    for (const process of this.processes.values()) process.bury();
    for (const session of this.sessions) await session.close();
  }

  /** Whether a process of its computer has this token. */
  knows(token: string): boolean {
    return this.processes.has(token);
  }

  callerOf(token: string): Caller | undefined {
    const process = this.processes.get(token);
    if (process === undefined) return undefined;
    const plays = this.plays.filter((p) => p.process === process && p.state === 'running');
    return { name: token, holder: holderId(this.folder, seededIds(this.name)), plays };
  }

  /** Whether it has anything under way. */
  get isBusy(): boolean {
    return this.plays.some((p) => p.state !== 'over' && p.state !== 'waiting');
  }

  /** Its runs from their journals, newest first. */
  runs(): StoredRun[] {
    return fileJournals(this.folder).list();
  }

  /** Whether a run is active in a live process. */
  isRunning(run: string): boolean {
    return this.plays.some((p) => p.run === run && p.state !== 'over');
  }

  /** Names of the runs whose journal cannot be read back to its last record. */
  damaged(): string[] {
    return runNames(this.folder).filter((run) => {
      const text = readFileSync(join(this.folder, 'runs', `${run}.jsonl`), 'utf8');
      return readRun(this.folder, run)?.records.length !== text.split('\n').filter((line) => line !== '').length;
    });
  }

  /** Contents of the local leases. */
  leases(): string[] {
    const folder = join(this.folder, 'leases');
    return existsSync(folder) ? readdirSync(folder).map((f) => `${f}: ${readFileSync(join(folder, f), 'utf8')}`) : [];
  }

  /** `trizone runs --forget`. */
  forget(run: string): void {
    const { folder } = this;
    forgetRun({ folder, journals: fileJournals(folder), wall: this.p.clock }, run);
  }

  /** The play that started a run. */
  firstOf(run: string): Play | undefined {
    return this.plays.find((p) => p.run === run);
  }

  protected start(token: string): Process {
    const process = new Process(this.computer, this.folder, seededIds(`${this.p.seed}-${token}`), {
      created: (plan) => this.began(process, (p) => p.verb === plan.verb && p.cluster === plan.cluster, plan),
      opened: (run) => this.began(process, (p) => p.run === run),
    });
    this.processes.set(token, process);
    return process;
  }

  // A run begins with its journal.
  private began(process: Process, fits: (p: Play) => boolean, plan?: Omit<PlanRecord, 'type' | 'version'>): void {
    const play = this.plays.find((p) => p.process === process && p.state === 'applying' && fits(p));
    if (play === undefined) return; // the undone run, marked as such
    play.state = 'running';
    if (plan === undefined) return;
    play.run = plan.run;
    const { uid } = plan.input as { readonly uid?: string };
    if (plan.verb === 'up') play.uid ??= uid;
  }

  protected planned(
    process: Process,
    site: Site,
    cluster: string,
    verb: string,
    more: Partial<Play> & { title: string },
  ): Play {
    const uid = 'uid' in more ? more.uid : uidOf(site, cluster);
    const endsCluster = more.endsCluster ?? verb === 'down';
    const play = new Play({ process, site, cluster, verb, run: undefined, ...more, uid, endsCluster });
    this.plays.push(play);
    return play;
  }

  /** The play of a run that is resumed or undone: the run's cluster is known from the start. */
  protected replayed(process: Process, what: 'resume' | 'undo', { plan }: StoredRun, site: Site): Play {
    const first = this.firstOf(plan.run);
    return this.planned(process, site, plan.cluster, what === 'undo' ? 'undo' : plan.verb, {
      title: `${what} of ${plan.verb} ${plan.run}`,
      uid: first?.uid,
      endsCluster: first?.endsCluster === true || (what === 'undo' && plan.verb === 'up'),
      ...(what === 'resume' ? { run: plan.run } : {}),
    });
  }

  /** Tracks a play to its end. */
  protected follow(play: Play, work: Promise<string>): void {
    const over = (outcome: string): void => {
      if (play.state === 'over') return;
      play.state = 'over';
      play.outcome = outcome;
      this.p.log(`${this.name}: ${play.title}: ${outcome}`);
    };
    play.process.untilDeath(work).then(over, (error: unknown) => {
      if (play.process.dead) {
        this.kill();
        over('killed');
      } else {
        const { code, message } = asOperatorError(error);
        over(`${code}: ${message}`);
      }
    });
  }

  protected async session(process: Process, token: string, site: Site): Promise<Session> {
    const ids = seededIds(`${this.p.seed}-${token}-${site.name}`);
    const cloud = await connectCloud({
      id: `emulator:${site.emulator.id}`,
      project,
      endpoint: site.endpoint,
      token,
      fetch: process.through((url, init) => site.emulator.fetch(url, init)),
      clock: process.clock,
      wall: process.clock,
      ids,
    });
    const { folder } = this;
    const { clock, journals } = process;
    const proxy = site.endpoint.replace('//', `//trizone:${token}@`);
    const connect = async (text: string): Promise<KubernetesWriter> =>
      this.watched(process, token, site, text, await connectKubernetes(text, clock));
    const session = makeSession({ cloud, clock, wall: clock, ids, folder, journals, timeScale: 1, proxy, connect });
    this.sessions.push(session);
    return session;
  }

  // Every request goes through the computer's network, and its changes are reported to the observer.
  private watched(process: Process, token: string, site: Site, text: string, real: KubernetesWriter): KubernetesWriter {
    const address = /server: https:\/\/([\d.]+)/.exec(text)?.[1];
    const uid = new Truth(site.emulator).roots().find((r) => r.address === address)?.record.uid;
    const through = (method: keyof KubernetesWriter, work: Work, args: readonly unknown[]): Promise<unknown> => {
      if (method === 'close') return work();
      return process.asked(method, () => {
        const caller = this.callerOf(token);
        if (mutating.includes(method) && caller !== undefined)
          this.p.observer.kubernetes(site, { method, name: nameOf(args), uid }, caller);
        return work(...args);
      });
    };
    const methods = Object.entries(real).map(([method, work]) => [
      method,
      (...args: unknown[]) => through(method as keyof KubernetesWriter, work as Work, args),
    ]);
    return Object.fromEntries(methods) as KubernetesWriter;
  }
}

type Work = (...args: unknown[]) => Promise<unknown>;

const nameOf = ([first, second]: readonly unknown[]): string => {
  if (typeof first === 'string') return typeof second === 'string' ? second : first;
  const { kind, metadata, name } = first as Partial<Manifest> & { readonly name?: string };
  return kind === undefined ? (name ?? '') : `${kind}/${metadata?.name ?? ''}`;
};
