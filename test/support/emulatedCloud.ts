import type { Duplex } from 'node:stream';
import type { TestContext } from 'node:test';
import { VirtualClock } from '../../src/lib/virtualClock.ts';
import { seededIds } from '../../src/lib/ids.ts';
import { createEmulator, type Emulator, type EmulatorOptions } from '../../src/emulator/emulator.ts';
import type { GuestHost, GuestRuntime } from '../../src/emulator/guestRuntime.ts';
import { flatLatency } from '../../src/emulator/latency.ts';
import type { StoredOperation } from '../../src/emulator/compute/resources.ts';
import { lastly } from './engineWorld.ts';
import { ensureSchema } from '../../src/emulator/schema/generate.cjs';

/** Guests for tests: they print a login prompt, and are as healthy as the test sets. */
export class InertGuests implements GuestRuntime {
  readonly host: GuestHost;
  /** Names of the machines whose health check succeeds. */
  readonly healthy = new Set<string>();
  /** Whether machines accept connections; they never send anything. */
  accepts = false;
  /** Everything that happened to machines, in order: `boot z/i`, `halt z/i stop`, `event z/i type`. */
  readonly story: string[] = [];

  constructor(host: GuestHost) {
    this.host = host;
  }

  boot(machine: { key: string; name: string }): void {
    this.story.push(`boot ${machine.key}`);
    this.host.serial(machine.key, `${machine.name} login: \n`);
  }

  halt(key: string, how: string): void {
    this.story.push(`halt ${key} ${how}`);
  }

  onEvent(key: string, type: string): void {
    this.story.push(`event ${key} ${type}`);
  }

  probe(key: string): boolean {
    return this.healthy.has(key.split('/')[1] ?? '');
  }

  connect(key: string, _port: number, socket: Duplex): boolean {
    if (!this.accepts) return false;
    this.story.push(`connect ${key}`);
    socket.on('error', () => socket.destroy());
    return true;
  }

  restore(machines: readonly { key: string }[]): void {
    for (const { key } of machines) this.story.push(`restore ${key}`);
  }
}

/** Any JSON, for reading answers. */
export interface Json {
  readonly [key: string]: Json;
}

/** An answer of the API. */
export interface Answer {
  readonly status: number;
  readonly body: Json;
  readonly headers: Headers;
}

/** An emulator that ends with the test, passed or failed: otherwise its health rounds would keep the process alive. */
export const emulated = (t: TestContext, options: Partial<EmulatorOptions> = {}, start?: number): EmulatedCloud => {
  const cloud = new EmulatedCloud(options, start);
  lastly(t, () => cloud.close());
  return cloud;
};

/** An emulator on virtual time with short request methods. Every operation takes 10 s unless the test sets otherwise. */
export class EmulatedCloud {
  readonly clock: VirtualClock;
  readonly emulator: Emulator;
  guests: InertGuests | undefined;

  constructor(options: Partial<EmulatorOptions> = {}, start?: number) {
    ensureSchema();
    this.clock = new VirtualClock(start);
    this.emulator = createEmulator({
      clock: this.clock,
      ids: seededIds('emulated cloud'),
      latency: flatLatency(10),
      guests: (host) => (this.guests = new InertGuests(host)),
      ...options,
    });
  }

  /** `path` below the project, or from the root if it starts with a slash. */
  async ask(method: string, path: string, body?: unknown): Promise<Answer> {
    const full = path.startsWith('/') ? path : `/compute/v1/projects/demo/${path}`;
    const response = await this.emulator.fetch(`http://127.0.0.1${full}`, {
      method,
      headers: { authorization: `Bearer ${this.emulator.secret}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return { status: response.status, headers: response.headers, body: (await response.json()) as Json };
  }

  /** Sends a GET that must return 200, and returns the body. */
  async get<T = Json>(path: string): Promise<T> {
    const { status, body } = await this.ask('GET', path);
    if (status !== 200) throw new Error(`GET ${path}: ${status} ${JSON.stringify(body)}`);
    return body as unknown as T;
  }

  /** Starts an operation. */
  async start(method: string, path: string, body?: unknown): Promise<StoredOperation> {
    const answer = await this.ask(method, path, body);
    if (answer.status !== 200) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body as unknown as StoredOperation;
  }

  /** Waits until an operation is done; it may have failed. */
  async end(operation: StoredOperation): Promise<StoredOperation> {
    const path = new URL(operation.selfLink).pathname;
    let now = operation;
    while (now.status !== 'DONE') now = (await this.ask('POST', `${path}/wait`)).body as unknown as StoredOperation;
    return now;
  }

  /** Starts an operation, waits for it, and throws if it failed. */
  async do(method: string, path: string, body?: unknown): Promise<StoredOperation> {
    const operation = await this.end(await this.start(method, path, body));
    if (operation.error !== undefined) throw new Error(`${method} ${path}: ${JSON.stringify(operation.error)}`);
    return operation;
  }

  close(): Promise<void> {
    return this.emulator.close();
  }
}
