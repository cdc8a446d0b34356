import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Clock } from '../lib/clock.ts';
import type { Ids } from '../lib/ids.ts';

/** A machine as the guest on it knows itself; a snapshot, so ask the host again after anything changed. */
export interface GuestMachine {
  /** `zone/name`: how host and runtime name a machine to each other. */
  readonly key: string;
  readonly name: string;
  readonly zone: string;
  readonly region: string;
  /** Numeric id of the instance, as text; another one after a re-creation under the same name. */
  readonly id: string;
  readonly project: string;
  readonly internalIp: string;
  readonly externalIp?: string;
  /** Alias ranges of the first interface as CIDRs, `10.64.3.0/24`. */
  readonly aliasRanges: readonly string[];
  /** Addresses of the forwarding rules that send traffic here: the guest agent makes them local (hairpin). */
  readonly forwardedIps: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly tags: readonly string[];
  readonly disks: readonly GuestDisk[];
  /** Another one at every boot. */
  readonly bootId: string;
  /** When it became RUNNING, milliseconds of cluster time. */
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

/** Where a document of the guest lives: on a named disk (outlives the machine) or on the machine's boot disk. */
export type DocumentScope = { readonly disk: string } | { readonly machine: string };

/** A resource as a controller sees it: not there, being made or removed, or there with its fields. */
export type MadeState = 'absent' | 'busy' | Readonly<Record<string, unknown>>;

/**
 * Compute Engine as Kubernetes' controllers use it from a master. Paths are below the project (`global/firewalls/f`), machines
 * are named by key. What is begun ends by itself; then the master is told to `look`. What the cloud refuses is not begun.
 */
export interface CloudMade {
  state(path: string): MadeState;
  insert(master: string, path: string, body: Readonly<Record<string, unknown>>): void;
  remove(master: string, path: string): void;
  /** The machines of a target pool. */
  setMembers(pool: string, machines: readonly string[]): void;
  /** Lets a disk hang on this machine and on no other one; undefined = on none. */
  attach(disk: string, machine: string | undefined): void;
  /** Path of the network that a machine is on. */
  networkOf(machine: string): string;
}

/** What a machine sees of the emulated cloud: its metadata server, its network, its disks, the clock. */
export interface GuestHost {
  readonly clock: Clock;
  readonly ids: Ids;
  instance(key: string): GuestMachine | undefined;
  /** All machines that are RUNNING. */
  machines(): readonly GuestMachine[];
  /** Grows with every change of what this host tells: what was derived from it holds until then. */
  readonly revision: number;
  /** Metadata attributes of the machine. */
  metadata(key: string): Record<string, string>;
  setGuestAttribute(key: string, namespace: string, name: string, value: string): void;
  /** Appends to serial port 1; the caller ends its lines itself. */
  serial(key: string, text: string): void;
  /**
   * Latest enabled version's payload as text, undefined while there is none. Throws OperatorError `permission` where the
   * machine's service account lacks the role on the secret, or `not-found` where there is no such secret.
   */
  secretPayload(key: string, secretId: string): string | undefined;
  addSecretVersion(key: string, secretId: string, payload: string): void;
  /** Destroys all but the newest `keep` versions. */
  destroyOldVersions(key: string, secretId: string, keep: number): void;
  /** Key of the machine that answers a connection, with hairpin and health; undefined = black hole. */
  dial(fromKey: string, ip: string, port: number): string | undefined;
  readonly made: CloudMade;
  load(scope: DocumentScope, name: string): unknown;
  /** What a fault script has for this machine here: hang without a word, or fail with a message. */
  fault(key: string, at: string): { readonly hangs: true } | { readonly fails: string } | undefined;
  /** `undefined` removes the document. */
  save(scope: DocumentScope, name: string, value: unknown): void;
  /** Persistent timer; delivered to `runtime.onEvent`; dropped when this boot of the machine ends. */
  schedule(key: string, afterMs: number, type: string, payload: unknown): void;
}

/** One health check, as it is asked from outside the machine. */
export interface GuestCheck {
  readonly type: 'HTTPS' | 'HTTP' | 'TCP';
  readonly port: number;
  readonly path: string;
}

/** Why a machine loses power. */
export type HaltReason = 'stop' | 'reset' | 'delete';

/** What runs on the machines. All calls come inside a transaction of the emulator: effects are stored before anybody sees them. */
export interface GuestRuntime {
  /** RUNNING reached; also after start and reset, then with a new bootId. */
  boot(machine: GuestMachine): void;
  halt(machineKey: string, how: HaltReason): void;
  onEvent(machineKey: string, type: string, payload: unknown): void;
  probe(machineKey: string, check: GuestCheck): boolean;
  /** Hands over a raw TCP connection; false = refused. */
  connect(machineKey: string, port: number, socket: Duplex): boolean;
  /**
   * A connection from the person's computer through a network that the runtime has itself, not yet open; absent where the
   * emulator finds the machine.
   */
  reach?(ip: string, port: number): Socket;
  /** After a restart of the emulator: the machines that were running, without a new boot. Their timers are still there. */
  restore(machines: readonly GuestMachine[]): void;
  /** The emulator ends: lets go of servers and sockets. */
  close?(): void;
}

/** Makes the runtime for an emulator; the host may be kept but not called before this returns. */
export type GuestRuntimeFactory = (host: GuestHost) => GuestRuntime;
