import './lean.ts';
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { makeSession, type Session } from '../../src/compose.ts';
import { createEmulator, storedInstant, type Emulator, type EmulatorOptions } from '../../src/emulator/emulator.ts';
import { simulatedGuests } from '../../src/emulator/guest/simulated.ts';
import type { RunEvent } from '../../src/engine/events.ts';
import { fileJournals } from '../../src/engine/journal.ts';
import type { Journal, Journals } from '../../src/engine/journalRecords.ts';
import type { RunResult } from '../../src/engine/runOptions.ts';
import { connectCloud } from '../../src/gce/connect.ts';
import type { FetchLike } from '../../src/gce/transport.ts';
import { connectKubernetes } from '../../src/kube/client.ts';
import type { Clock } from '../../src/lib/clock.ts';
import { seededIds } from '../../src/lib/ids.ts';
import { VirtualClock } from '../../src/lib/virtualClock.ts';
import type { ClusterInput } from '../../src/model/cluster.ts';
import { applyVerb } from '../../src/operate/operate.ts';
import { planVerb, type CloudPlan } from '../../src/operate/operator.ts';
import type { Prepared } from '../../src/verbs/prepared.ts';
import { lastly, temporaryFolder, type Cleanup } from './engineWorld.ts';
import { down as downVerb } from '../../src/verbs/down.ts';
import { prepareAgain } from '../../src/verbs/registry.ts';
import { up as upVerb } from '../../src/verbs/up.ts';

/** Project of all world tests. */
export const project = 'demo-project';

/** The article's first zone. */
export const articleWish: ClusterInput = { project, zone: 'europe-west1-b' };

/** Journals of a process that dies at record number `crashAt`: that record and everything after it is never written. */
class MortalJournals implements Journals {
  private readonly real: Journals;
  private readonly crashAt: number;
  private readonly death = Promise.withResolvers<never>();
  written = 0;
  dead = false;

  constructor(folder: string, crashAt: number) {
    this.real = fileJournals(folder);
    this.crashAt = crashAt;
    this.death.promise.catch(() => undefined); // only callers that race with it need to know
  }

  /** Rejects at the moment of death: callers do not wait for the rest of a dead process's work. */
  async untilDeath<T>(work: Promise<T>): Promise<T> {
    return Promise.race([work, this.death.promise]);
  }

  create(plan: Parameters<Journals['create']>[0]): Journal {
    this.count();
    return this.mortal(this.real.create(plan));
  }

  open(run: string): Journal {
    return this.mortal(this.real.open(run));
  }

  read(run: string) {
    return this.real.read(run);
  }

  list() {
    return this.real.list();
  }

  private mortal(journal: Journal): Journal {
    return {
      records: journal.records,
      append: (record) => {
        this.count();
        journal.append(record);
      },
    };
  }

  private count(): void {
    if (this.written >= this.crashAt) this.dead = true;
    if (this.dead) {
      const killed = new Error('killed');
      this.death.reject(killed);
      throw killed;
    }
    this.written++;
  }
}

/** One process: a state folder, a connection, and a way to kill it. */
export interface Program {
  readonly session: Session;
  readonly journals: MortalJournals;
  readonly events: RunEvent[];
}

/** Options for starting a program in tests. */
export interface ProgramOptions {
  readonly folder?: string;
  /** Journal record at which it is killed. */
  readonly crashAt?: number;
  readonly seed?: string;
  /** The network between it and the cloud. */
  readonly network?: (inner: FetchLike) => FetchLike;
  /** Its computer's clock; by default the world's. */
  readonly clock?: Clock;
}

/** A network that can be cut, with fetch's errors. */
export const network =
  (isCut: () => boolean) =>
  (inner: FetchLike): FetchLike =>
  (url, init) => {
    if (!isCut()) return inner(url, init);
    const cause = Object.assign(new Error('connect ENETUNREACH'), { code: 'ENETUNREACH' });
    return Promise.reject(new TypeError('fetch failed', { cause }));
  };

/** An emulated Compute Engine in this process on virtual time, and programs that use it. */
export class CloudWorld {
  readonly clock: VirtualClock;
  readonly emulator: Emulator;
  readonly folder: string;
  private readonly port: number;
  private readonly t: Cleanup;
  private programs: number;

  /** `programs`: number of programs started before; each has its own seed. */
  constructor(t: Cleanup, clock: VirtualClock, emulator: Emulator, folder: string, port: number, programs = 0) {
    this.t = t;
    this.clock = clock;
    this.emulator = emulator;
    this.folder = folder;
    this.port = port;
    this.programs = programs;
  }

  /** Number of programs started. */
  get started(): number {
    return this.programs;
  }

  /** The emulator's address. */
  get endpoint(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Starts a program. */
  async program(o: ProgramOptions = {}): Promise<Program> {
    const folder = o.folder ?? this.folder;
    const journals = new MortalJournals(folder, o.crashAt ?? Infinity);
    const clock = o.clock ?? this.clock;
    const ids = seededIds(o.seed ?? `program-${this.programs++}`);
    // A killed program gets no more answers; its requests are still carried out.
    const reach: FetchLike = (url, init) =>
      journals.dead ? new Promise<Response>(() => undefined) : this.emulator.fetch(url, init);
    const cloud = await connectCloud({
      id: `emulator:${this.emulator.id}`,
      project,
      endpoint: this.endpoint,
      token: this.emulator.secret,
      fetch: o.network?.(reach) ?? reach,
      clock,
      wall: clock,
      ids,
    });
    const proxy = `http://trizone:${this.emulator.secret}@127.0.0.1:${this.port}`;
    const session = makeSession({
      cloud,
      clock,
      wall: clock,
      ids,
      folder,
      journals,
      timeScale: 1,
      proxy,
      connect: (text) => connectKubernetes(text, clock),
    });
    lastly(this.t, () => session.close());
    return { session, journals, events: [] };
  }

  /** Plans `up`. */
  async planUp(p: Program, wish: ClusterInput = articleWish, takeOver = false): Promise<[Prepared, CloudPlan]> {
    const prepared = await upVerb.prepare(p.session.world, wish, { ids: p.session.ids, takeOver });
    return [prepared, await planVerb(p.session, prepared, new AbortController().signal)];
  }

  /** Plans `down`; undefined if nothing exists. */
  async planDown(p: Program, name = 'kubernetes', takeOver = false): Promise<[Prepared, CloudPlan] | undefined> {
    const prepared = await downVerb.prepare(p.session.world, { cluster: name }, { ids: p.session.ids, takeOver });
    return prepared && [prepared, await planVerb(p.session, prepared, new AbortController().signal)];
  }

  /** Applies a plan. */
  apply(
    p: Program,
    [prepared, plan]: [Prepared, CloudPlan],
    o: { resume?: string; cancel?: AbortSignal } = {},
  ): Promise<RunResult> {
    const applied = applyVerb(p.session, prepared, plan, {
      listen: (e) => p.events.push(e),
      cancel: o.cancel ?? new AbortController().signal,
      takeOver: false,
      ...(o.resume === undefined ? {} : { resume: o.resume }),
    });
    return p.journals.untilDeath(applied);
  }

  /** Any verb: prepared, planned, and applied by a program. A plan's refusal is thrown, as in every front end. */
  async carryOut(prepare: (p: Program) => Promise<Prepared>, by?: Program): Promise<RunResult> {
    const p = by ?? (await this.program());
    const prepared = await prepare(p);
    const plan = await planVerb(p.session, prepared, new AbortController().signal);
    const refusal = plan.refusals[0];
    if (refusal !== undefined) throw refusal;
    return this.apply(p, [prepared, plan]);
  }

  /** `up` from end to end. */
  async up(p?: Program, wish?: ClusterInput): Promise<RunResult> {
    const program = p ?? (await this.program());
    return this.apply(program, await this.planUp(program, wish));
  }

  /** `down` from end to end; undefined if nothing existed. */
  async down(p?: Program): Promise<RunResult | undefined> {
    const program = p ?? (await this.program());
    const planned = await this.planDown(program);
    return planned && this.apply(program, planned);
  }

  /** `resume` of the newest unsuccessful run, in another process; undefined if there is none. */
  async resume(p?: Program): Promise<RunResult | undefined> {
    const program = p ?? (await this.program());
    const run = program.journals.list().find((r) => r.state !== 'done' && r.state !== 'undone');
    if (run === undefined) return undefined;
    const options = { ids: program.session.ids, takeOver: false };
    const prepared = await prepareAgain(program.session.world, run.plan, options, program.journals.list());
    if (prepared === undefined) return undefined;
    const plan = await planVerb(program.session, prepared, new AbortController().signal);
    return this.apply(program, [prepared, plan], { resume: run.plan.run });
  }

  /** A separate POST or GET, as from gcloud. */
  async request(method: string, path: string, body?: unknown): Promise<Record<string, unknown>> {
    const response = await this.emulator.fetch(`http://127.0.0.1:${this.port}${path}`, {
      method,
      headers: { authorization: `Bearer ${this.emulator.secret}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return (await response.json()) as Record<string, unknown>;
  }

  /** All resources, secrets, and bindings; without operations, which are history, and empty policies. */
  resources(): Record<string, unknown> {
    const all = this.emulator.exportState() as Record<string, unknown>;
    const { policies } = all;
    const rest = Object.fromEntries(Object.entries(all).filter(([key]) => key !== 'operations' && key !== 'policies'));
    const bound = Object.entries(policies ?? {}).filter(([, p]) => (p as { bindings?: unknown[] }).bindings?.length);
    return { ...rest, policies: Object.fromEntries(bound) };
  }

  /** `up` on another computer that takes over from a dead one. */
  async takeOver(): Promise<RunResult> {
    const p = await this.program({ folder: temporaryFolder(this.t) });
    return this.apply(p, await this.planUp(p, articleWish, true));
  }

  /** Simulates the death of a process for the operating system: the process ID in its lease no longer exists. */
  bury(): void {
    rmSync(join(this.folder, 'leases'), { recursive: true, force: true });
  }

  /** Deletes the journals, as a manual cleanup would; the holder ID stays. */
  forgetJournals(): void {
    rmSync(join(this.folder, 'runs'), { recursive: true, force: true });
  }
}

/** Starts an emulated Compute Engine for one test; `more`: other quotas, durations, or guests. */
export const cloudWorld = async (
  t: Cleanup,
  seed = 'world',
  more: Partial<Pick<EmulatorOptions, 'latency' | 'quotas' | 'guests'>> = {},
): Promise<CloudWorld> => {
  const clock = new VirtualClock();
  const emulator = createEmulator({ clock, ids: seededIds(seed), project, guests: simulatedGuests, ...more });
  const { port } = await emulator.listen();
  lastly(t, () => emulator.close());
  return new CloudWorld(t, clock, emulator, temporaryFolder(t), port);
};

/** A stopped world that many tests can open. */
export interface Stored {
  readonly state: string;
  readonly folder: string;
  readonly programs: number;
}

/** Creates a world, lets `build` work on it, and stops it. */
export const storeWorld = async (
  t: Cleanup,
  seed: string,
  build: (w: CloudWorld) => Promise<unknown>,
): Promise<Stored> => {
  const { state, folder } = { state: temporaryFolder(t), folder: temporaryFolder(t) };
  const w = await openEmulator(t, seed, { state, folder, programs: 0 });
  await build(w);
  await w.emulator.close();
  return { state, folder, programs: w.started };
};

/** Opens a copy of a stored world; later random choices depend on the seed. */
export const openWorld = async (t: Cleanup, stored: Stored, seed: string): Promise<CloudWorld> => {
  // Hooks run in registration order: the emulator closes before its folder is removed.
  const ends: (() => unknown)[] = [];
  const later: Cleanup = { after: (end) => void ends.push(end) };
  const copy = (folder: string): string => {
    const to = temporaryFolder(later);
    cpSync(folder, to, { recursive: true });
    return to;
  };
  const { state, folder, programs } = stored;
  const w = await openEmulator(t, seed, { state: copy(state), folder: copy(folder), programs });
  for (const end of ends) t.after(end);
  return w;
};

const openEmulator = async (t: Cleanup, seed: string, { state, folder, programs }: Stored): Promise<CloudWorld> => {
  const clock = new VirtualClock(storedInstant(state));
  const ids = seededIds(seed);
  const emulator = createEmulator({ clock, ids, project, guests: simulatedGuests, stateFolder: state });
  const { port } = await emulator.listen();
  lastly(t, () => emulator.close());
  return new CloudWorld(t, clock, emulator, folder, port, programs);
};
