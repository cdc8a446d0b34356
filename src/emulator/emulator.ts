import type { Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Clock } from '../lib/clock.ts';
import { realFolder } from '../lib/folder.ts';
import { randomText, type Ids } from '../lib/ids.ts';
import { asOperatorError, OperatorError } from '../lib/operatorError.ts';
import type { TextAnswer } from '../lib/textAnswer.ts';
import { changes, owner, type Audit } from './audit.ts';
import { HealthRounds } from './balancer/healthRounds.ts';
import { changeSignal } from './changeSignal.ts';
import type { Cloud } from './cloud.ts';
import { registerKinds } from './compute/catalog.ts';
import { computeService } from './compute/computeService.ts';
import { handlers, emulatedKinds } from './compute/kinds.ts';
import { controlPaths } from './control.ts';
import { projectLimits, regionLimits, type QuotaLimits } from './data/quotas.ts';
import { happen } from './events.ts';
import { Faults } from './faults.ts';
import { guestHost } from './guestHost.ts';
import type { GuestRuntime, GuestRuntimeFactory } from './guestRuntime.ts';
import { admission, sameSecret, tokenOf } from './http/admission.ts';
import { Connections } from './balancer/connections.ts';
import { bind } from './http/bind.ts';
import { connectProxy } from './http/connectProxy.ts';
import { Dispatcher, type Heard } from './http/dispatcher.ts';
import { inProcessFetch, type InProcessRequest } from './http/inProcess.ts';
import { httpServer } from './http/server.ts';
import { defaultLatency, type LatencyModel } from './latency.ts';
import { runningMachines } from './machines.ts';
import { loadSchema } from './schema/schema.ts';
import { seed } from './seed.ts';
import { iamMethods } from './services/iam.ts';
import { projectMethods } from './services/projects.ts';
import { restService } from './services/restService.ts';
import { secretMethods } from './services/secretManager.ts';
import { serviceUsageMethods } from './services/serviceUsage.ts';
import { Scheduler } from './state/scheduler.ts';
import { isCopy, keptProject, openStore } from './state/openStore.ts';
import { readState, type StateLog } from './state/stateLog.ts';
import type { Store } from './state/store.ts';

/** Options of an emulated Compute Engine. */
export interface EmulatorOptions {
  /** Cluster time: virtual or scaled. A state folder continues where it stopped if this clock starts at `storedInstant`. */
  readonly clock: Clock;
  readonly ids: Ids;
  /**
   * Clock of the `Date` header, which leases are measured by: wall
   * time in the emulator process, by default cluster time.
   */
  readonly wall?: Clock;
  readonly project?: string;
  /** Real seconds per cluster second; only reported to clients. */
  readonly timeScale?: number;
  /** None = memory only. */
  readonly stateFolder?: string;
  readonly latency?: LatencyModel;
  readonly quotas?: { readonly region?: QuotaLimits; readonly project?: QuotaLimits };
  readonly guests: GuestRuntimeFactory;
  readonly secret?: string;
  /** Additional callers, and the audit log of their changes. */
  readonly audit?: Audit;
  /** Called for `POST /emulator/shutdown`, once its answer is ready. */
  readonly onShutdown?: () => void;
}

/** A running emulated Compute Engine. */
export interface Emulator {
  readonly secret: string;
  readonly project: string;
  /**
   * Drawn when the state is created, and again when it is reset or
   * started from a copy: older plans are for another cloud.
   */
  readonly id: string;
  readonly faults: Faults;
  /**
   * In-process transport through the same handler as the socket;
   * throws a TypeError for a broken connection, as fetch does.
   */
  fetch(url: string, init?: InProcessRequest): Promise<TextAnswer>;
  /** Listens on loopback only. Port: the requested one, else the previous one, else a free one. */
  listen(port?: number): Promise<{ port: number; endpoint: string }>;
  /** All observable state except the clock; two equal exports = nothing changed. */
  exportState(): unknown;
  /** Traffic on the socket: while the emulator is idle, the request count does not grow and no tunnel is open. */
  activity(): { readonly requests: number; readonly tunnels: number };
  close(): Promise<void>;
}

/** Starts an emulated Compute Engine, empty or from its state folder. */
export const createEmulator = (options: EmulatorOptions): Emulator => new RunningCloud(options);

/** Cluster time at which a state folder's emulator stopped; undefined if there was none. */
export const storedInstant = (stateFolder: string): number | undefined => readState(stateFolder).at;

class RunningCloud implements Emulator {
  readonly secret: string;
  readonly project: string;
  readonly faults: Faults;
  private readonly options: EmulatorOptions;
  private readonly cloud: Cloud;
  private readonly log: StateLog | undefined;
  private readonly dispatcher: Dispatcher;
  private readonly rounds: HealthRounds;
  private readonly defects: OperatorError[] = [];
  private guests: GuestRuntime | undefined;
  private server: Server | undefined;
  private requests = 0;
  private closed = false;
  private readonly tunnels = new Set<Duplex>();

  constructor(options: EmulatorOptions) {
    this.options = options;
    this.secret = options.secret ?? randomText(options.ids, 32);
    const { store, log } = openStore(options);
    this.log = log;
    this.project = keptProject(store, options.project);
    this.faults = new Faults(store);
    this.cloud = this.assemble(store);
    registerKinds(this.cloud, emulatedKinds);
    this.dispatcher = this.makeDispatcher();
    this.rounds = new HealthRounds(this.cloud, this.failed);
    this.guests = options.guests(guestHost(this.cloud));
    store.transact(() => {
      this.identify();
      seed(this.cloud);
    });
    this.guests.restore(runningMachines(this.cloud));
    this.cloud.scheduler.start();
    this.rounds.start();
  }

  get id(): string {
    return this.cloud.store.get<string>('meta', 'id') ?? '';
  }

  fetch(url: string, init: InProcessRequest = {}): Promise<TextAnswer> {
    return inProcessFetch(this.dispatcher, this.wallNow, url, init);
  }

  async listen(port?: number): Promise<{ port: number; endpoint: string }> {
    const connect = connectProxy(this.cloud, this.callerOf);
    const server = httpServer(this.dispatcher, this.wallNow, connect);
    server.on('request', () => this.requests++);
    server.on('connect', (_request, socket) => this.countTunnel(socket));
    this.server = server;
    const kept = this.cloud.store.get<number>('meta', 'port');
    const got = await bind(server, port ?? kept ?? 0, port === undefined);
    if (got !== kept) this.cloud.store.put('meta', 'port', got);
    return { port: got, endpoint: `http://127.0.0.1:${got}` };
  }

  exportState(): unknown {
    const hidden = ['meta', 'events', 'faults', 'requests'];
    const tables = Object.entries(this.cloud.store.dump());
    return Object.fromEntries(tables.filter(([name, rows]) => !hidden.includes(name) && Object.keys(rows).length > 0));
  }

  activity(): { requests: number; tunnels: number } {
    return { requests: this.requests, tunnels: this.tunnels.size };
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    this.rounds.stop();
    this.cloud.scheduler.stop();
    this.guests?.close?.();
    const { server } = this;
    for (const tunnel of this.tunnels) tunnel.destroy(); // the server no longer tracks them
    if (server !== undefined) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
    this.log?.fold(this.cloud.store);
  }

  private countTunnel(socket: Duplex): void {
    this.requests++;
    this.tunnels.add(socket);
    socket.on('close', () => {
      this.tunnels.delete(socket);
    });
  }

  private readonly wallNow = (): number => (this.options.wall ?? this.options.clock).now();

  private readonly callerOf = (token: string): string | undefined =>
    sameSecret(token, this.secret) ? owner : this.options.audit?.callerOf(token);

  private hear(audit: Audit): Heard {
    return (request, target) => {
      const { method, path, body, query } = request;
      const caller = this.callerOf(tokenOf(request)) ?? '';
      const entry = { caller, method, path, ...target, body, requestId: query.get('requestId') ?? undefined };
      if (changes(entry)) audit.write(entry);
    };
  }

  private readonly failed = (error: unknown): void => {
    this.defects.push(asOperatorError(error));
  };

  private assemble(store: Store): Cloud {
    const { options } = this;
    const changed = changeSignal();
    const cloud: Cloud = {
      project: this.project,
      clock: options.clock,
      ids: options.ids,
      store,
      scheduler: new Scheduler(
        options.clock,
        store,
        (event) => happen(cloud, event),
        this.failed,
        () => {
          this.foldIfLong(store);
          changed.tell();
        },
      ),
      latency: options.latency ?? defaultLatency,
      quotas: {
        region: { ...regionLimits, ...options.quotas?.region },
        project: { ...projectLimits, ...options.quotas?.project },
      },
      faults: this.faults,
      connections: new Connections(),
      guests: () => this.runtime(),
      changed,
    };
    return cloud;
  }

  // If the disk is full, compaction is retried after the next change; until then the log keeps growing.
  private foldIfLong(store: Store): void {
    try {
      if (this.log?.wantsFolding === true) this.log.fold(store);
    } catch (error) {
      if (!OperatorError.is(error, 'disk')) throw error;
      console.error(error.message);
    }
  }

  private runtime(): GuestRuntime {
    if (this.guests === undefined)
      throw new OperatorError('internal', 'An instance was used before the guests were set up');
    return this.guests;
  }

  private makeDispatcher(): Dispatcher {
    const { cloud } = this;
    const admits = admission(this.callerOf);
    return new Dispatcher({
      cloud,
      resolvers: [
        computeService(cloud, loadSchema(), handlers),
        ...[secretMethods, iamMethods, serviceUsageMethods, projectMethods].map((methods) =>
          restService(cloud, methods),
        ),
      ],
      control: controlPaths({
        cloud,
        timeScale: this.options.timeScale ?? 1,
        exportState: () => this.exportState(),
        reset: () => this.reset(),
        shutdown: () => this.options.onShutdown?.(),
      }),
      admits: (request) => {
        admits(request);
        const [defect] = this.defects;
        if (defect !== undefined) throw defect;
      },
      heard: this.options.audit === undefined ? undefined : this.hear(this.options.audit),
      failed: (error) => console.error(error),
    });
  }

  private identify(): void {
    const { store, ids } = this.cloud;
    if (store.get<string>('meta', 'id') === undefined || isCopy(store, this.options))
      store.put('meta', 'id', randomText(ids, 10));
    const { stateFolder } = this.options;
    const folder = stateFolder === undefined ? undefined : realFolder(stateFolder);
    if (store.get('meta', 'folder') !== folder) store.put('meta', 'folder', folder);
  }

  private reset(): void {
    const { store } = this.cloud;
    const kept = ['port', 'project'].map((key): [string, unknown] => [key, store.get('meta', key)]);
    for (const machine of runningMachines(this.cloud)) this.runtime().halt(machine.key, 'delete');
    store.clear();
    for (const [key, value] of kept) store.put('meta', key, value);
    this.identify();
    seed(this.cloud);
    this.cloud.scheduler.start();
  }
}
