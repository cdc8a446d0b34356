import { join } from 'node:path';
import * as vscode from 'vscode';
import type { Session } from '../compose.ts';
import { wallClock } from '../lib/clock.ts';
import { Documents } from './documents.ts';
import { Observation } from './observation.ts';
import type { ObservationSource } from './observationParts.ts';
import { RunLogs } from './output.ts';
import { Runs } from './runs.ts';
import { section, settings } from './settings.ts';
import type { Snapshot, Validation } from './snapshot.ts';
import { WaitingPlans } from './waitingPlans.ts';

/** The functions of the lazy bundle. */
export type CloudAccess = typeof import('./cloudAccess.ts');

/**
 * State of one window: its connection, its last snapshot, its runs. Creating it
 * is free; the cloud half is loaded on first use (invariant 9).
 */
export class App {
  readonly log: vscode.LogOutputChannel;
  readonly runs: Runs;
  readonly logs: RunLogs;
  readonly observation: Observation;
  readonly documents = new Documents();
  readonly plans = new WaitingPlans();
  readonly validations = new Map<string, Validation>();
  readonly context: vscode.ExtensionContext;
  private readonly changed = new vscode.EventEmitter<void>();
  /** Zones of the cloud that are up; read once per connection. */
  zones: readonly string[] = [];
  private session: Promise<Session> | undefined;
  private connected = this.connection();
  private lastProblem: string | undefined;
  private readonly reconnected = new vscode.EventEmitter<void>();
  /** Fires when anything shown may have changed. */
  readonly onDidChange = this.changed.event;
  /** Fires when the connection is replaced: plans made on the old one are for another cloud. */
  readonly onDidReconnect = this.reconnected.event;

  /** Does no work: nothing is read or requested until a view is shown or a command is run. */
  constructor(context: vscode.ExtensionContext) {
    this.context = context;
    const { folder } = settings();
    this.log = vscode.window.createOutputChannel('Trizone', { log: true });
    this.runs = new Runs({ folder, wall: wallClock, pid: process.pid });
    this.logs = new RunLogs(() => folder);
    this.observation = new Observation({
      source: () => this.source(),
      wall: wallClock,
      cacheFile: () => join(folder, 'cache', `${settings().cloud}.json`),
      everyMs: () => settings().refreshMs,
      listen: (snapshot) => this.saw(snapshot),
    });
    this.documents.register(context);
    context.subscriptions.push(
      this.log,
      this.changed,
      this.reconnected,
      this.runs.onChange(() => this.runsChanged()),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration(section) && this.connection() !== this.connected) this.reconnect();
      }),
      { dispose: () => this.dispose() },
    );
  }

  get snapshot(): Snapshot | undefined {
    return this.observation.snapshot;
  }

  /** The lazy bundle. */
  cloudAccess(): Promise<CloudAccess> {
    return import('./cloudAccess.ts');
  }

  /** The selected connection; opened once, and again after it failed or was changed. */
  connect(): Promise<Session> {
    this.session ??= this.open().catch((error: unknown) => {
      this.session = undefined;
      throw error;
    });
    return this.session;
  }

  // The settings that select the connection.
  private connection(): string {
    const { cloud, project, credentialsFile } = settings();
    return JSON.stringify([cloud, project, credentialsFile]);
  }

  /** Drops the connection: the next use opens the one selected then. */
  reconnect(): void {
    const old = this.session;
    this.connected = this.connection();
    this.session = undefined;
    void old?.then((s) => s.close()).catch((e: unknown) => this.log.warn(String(e)));
    this.observation.reset();
    this.reconnected.fire();
    this.changed.fire();
  }

  /** Stores a validation's result, shown until the next one. */
  validated(validation: Validation): void {
    this.validations.set(validation.cluster, validation);
    this.changed.fire();
  }

  /** Starts updates for a visible view; a hidden one causes no work. */
  watch(viewer: string, visible: boolean): void {
    if (visible) {
      this.runs.look(viewer);
      this.observation.look(viewer);
    } else {
      this.observation.leave(viewer);
      this.runs.leave(viewer);
    }
  }

  private async open(): Promise<Session> {
    const { cloud, project, credentialsFile, folder } = settings();
    const { openCloudAccess } = await this.cloudAccess();
    const onRetry = (text: string): void => this.log.warn(text);
    const session = await openCloudAccess({ cloud, project, credentialsFile, folder, env: process.env, onRetry });
    void this.learnZones(session);
    return session;
  }

  // The tree also shows empty zones: resources can be added there.
  private async learnZones(session: Session): Promise<void> {
    const { upZones: zones } = await this.cloudAccess();
    try {
      this.zones = await zones(session);
      this.changed.fire();
    } catch (error) {
      this.log.warn(`Zones: ${String(error)}`);
    }
  }

  private async source(): Promise<ObservationSource> {
    const { sourceOf } = await this.cloudAccess();
    return sourceOf((await this.connect()).world);
  }

  private saw(snapshot: Snapshot | undefined): void {
    const problem = snapshot?.problem;
    if (problem !== undefined && problem.message !== this.lastProblem) this.log.warn(problem.message);
    this.lastProblem = problem?.message;
    // A stopped emulator may restart on another port: the next use looks it up again.
    if (problem !== undefined) this.session = undefined;
    this.changed.fire();
  }

  private runsChanged(): void {
    this.logs.follow();
    this.observation.running(this.runs.active);
    this.changed.fire();
  }

  private dispose(): void {
    this.observation.stop();
    this.runs.dispose();
    this.logs.dispose();
    void this.session?.then((s) => s.close()).catch(() => undefined); // it never opened: nothing to close
  }
}
