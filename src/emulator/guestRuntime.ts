import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Clock } from '../lib/clock.ts';
import type { Ids } from '../lib/ids.ts';

/** A machine as seen by its guest; a snapshot, so query the host again after any change. */
export interface GuestMachine {
  /** `zone/name`: identifies a machine between host and runtime. */
  readonly key: string;
  readonly name: string;
  readonly zone: string;
  readonly region: string;
  /** Numeric ID of the instance, as text; a re-creation under the same name changes it. */
  readonly id: string;
  readonly project: string;
  readonly internalIp: string;
  readonly externalIp?: string;
  /** Alias ranges of the first interface as CIDRs, `10.64.3.0/24`. */
  readonly aliasRanges: readonly string[];
  /** Addresses of the forwarding rules that send traffic here; the guest agent makes them local (hairpin). */
  readonly forwardedIps: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly tags: readonly string[];
  readonly disks: readonly GuestDisk[];
  /** Changes at every boot. */
  readonly bootId: string;
  /** Milliseconds of cluster time at which it became RUNNING. */
  readonly startedAt: number;
}

/** One attached disk. */
export interface GuestDisk {
  readonly deviceName: string;
  readonly name: string;
  readonly zone: string;
  /** Path below the project, `zones/z/disks/d`: the key for `load` and `save`. */
  readonly url: string;
  readonly boot: boolean;
}

/** Location of a guest's document: on a named disk (outlives the machine) or on the machine's boot disk. */
export type DocumentScope = { readonly disk: string } | { readonly machine: string };

/** A resource as seen by a controller: absent, being created or deleted, or present with its fields. */
export type MadeState = 'absent' | 'busy' | Readonly<Record<string, unknown>>;

/**
 * Compute Engine as Kubernetes controllers on a master use it. Paths are below the project
 * (`global/firewalls/f`), machines are identified by key. Operations end by themselves;
 * the master then gets a `look` event. Refused operations are not started.
 */
export interface CloudMade {
  state(path: string): MadeState;
  insert(master: string, path: string, body: Readonly<Record<string, unknown>>): void;
  remove(master: string, path: string): void;
  /** Sets the machines of a target pool. */
  setMembers(pool: string, machines: readonly string[]): void;
  /** Attaches a disk to this machine only; undefined detaches it. */
  attach(disk: string, machine: string | undefined): void;
  /** Path of a machine's network. */
  networkOf(machine: string): string;
}

/** The emulated cloud as seen by a machine: its metadata server, its network, its disks, the clock. */
export interface GuestHost {
  readonly clock: Clock;
  readonly ids: Ids;
  instance(key: string): GuestMachine | undefined;
  /** All machines that are RUNNING. */
  machines(): readonly GuestMachine[];
  /** Grows with every change visible through this host; values derived from it stay valid until then. */
  readonly revision: number;
  /** Metadata attributes of the machine. */
  metadata(key: string): Record<string, string>;
  setGuestAttribute(key: string, namespace: string, name: string, value: string): void;
  /** Appends to serial port 1; the caller adds the line ends. */
  serial(key: string, text: string): void;
  /**
   * Payload of the latest enabled version as text; undefined while there is none. Throws OperatorError `permission` if
   * the machine's service account lacks the role on the secret, or `not-found` if there is no such secret.
   */
  secretPayload(key: string, secretId: string): string | undefined;
  addSecretVersion(key: string, secretId: string, payload: string): void;
  /** Destroys all but the newest `keep` versions. */
  destroyOldVersions(key: string, secretId: string, keep: number): void;
  /** Key of the machine that answers a connection, with hairpin and health; undefined = black hole. */
  dial(fromKey: string, ip: string, port: number): string | undefined;
  readonly made: CloudMade;
  load(scope: DocumentScope, name: string): unknown;
  /** Fault that the script has for this machine at this point: hang silently, or fail with a message. */
  fault(key: string, at: string): { readonly hangs: true } | { readonly fails: string } | undefined;
  /** `undefined` removes the document. */
  save(scope: DocumentScope, name: string, value: unknown): void;
  /** Persistent timer; delivered to `runtime.onEvent`, dropped when this boot of the machine ends. */
  schedule(key: string, afterMs: number, type: string, payload: unknown): void;
}

/** One health check, as probed from outside the machine. */
export interface GuestCheck {
  readonly type: 'HTTPS' | 'HTTP' | 'TCP';
  readonly port: number;
  readonly path: string;
}

/** Why a machine loses power. */
export type HaltReason = 'stop' | 'reset' | 'delete';

/**
 * Runtime of the machines' guests. Called inside an emulator
 * transaction: effects are stored before they become visible.
 */
export interface GuestRuntime {
  /** The machine is RUNNING; also after start and reset, with a new bootId. */
  boot(machine: GuestMachine): void;
  halt(machineKey: string, how: HaltReason): void;
  onEvent(machineKey: string, type: string, payload: unknown): void;
  probe(machineKey: string, check: GuestCheck): boolean;
  /** Passes a raw TCP connection to the machine; false = refused. */
  connect(machineKey: string, port: number, socket: Duplex): boolean;
  /**
   * A connection from the user's computer through the runtime's own network, not
   * yet open; absent if the emulator routes connections itself.
   */
  reach?(ip: string, port: number): Socket;
  /** After a restart of the emulator: restores the running machines, without a new boot. Their timers still exist. */
  restore(machines: readonly GuestMachine[]): void;
  /** Releases servers and sockets when the emulator ends. */
  close?(): void;
}

/** Creates the runtime of an emulator; the host may be kept but not called before this returns. */
export type GuestRuntimeFactory = (host: GuestHost) => GuestRuntime;
