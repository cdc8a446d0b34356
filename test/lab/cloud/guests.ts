import { mkdirSync, openSync, closeSync, existsSync, fstatSync, readSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import type {
  GuestCheck,
  GuestDisk,
  GuestHost,
  GuestMachine,
  GuestRuntime,
  HaltReason,
} from '../../../src/emulator/guestRuntime.ts';
import { randomText } from '../../../src/lib/ids.ts';
import type { LabBuild } from '../build/build.ts';
import { Machine, type MachineSpec } from '../machines/machine.ts';
import type { Broken } from './broken.ts';
import { HealthProbe } from './healthProbe.ts';

/** An emulated instance and the Linux machine behind it. */
export interface Guest {
  readonly machine: Machine;
  /** Its number among the machines of the lab. */
  readonly n: number;
  readonly ip: string;
  /** The emulator's ID of the instance; a re-creation under the same name changes it. */
  readonly id: string;
  readonly folder: string;
  readonly probe: HealthProbe;
  /** Queue of its operations, which run one after the other. */
  last: Promise<void>;
  /** Bytes of its console that the emulator has received. */
  heard: number;
}

/** Folder of the persistent disks' files in a lab's state folder. */
export const disksOf = (state: string): string => join(state, 'disks');

/**
 * Instances as real Linux machines. The emulator calls inside its transactions
 * without waiting: operations on a machine are queued and run in order.
 */
export class RealGuests implements GuestRuntime {
  readonly guests = new Map<string, Guest>();
  private readonly host: GuestHost;
  private readonly build: LabBuild;
  private readonly state: string;
  private readonly ca: string;
  private readonly broken: Broken;
  private readonly failed: (error: unknown) => void;
  /** Machines being removed: they keep their numbers until they are gone. */
  private readonly ending = new Set<Guest>();

  constructor(p: {
    readonly host: GuestHost;
    readonly build: LabBuild;
    readonly state: string;
    readonly ca: string;
    readonly broken: Broken;
    readonly failed: (error: unknown) => void;
  }) {
    this.host = p.host;
    this.build = p.build;
    this.state = p.state;
    this.ca = p.ca;
    this.broken = p.broken;
    this.failed = p.failed;
  }

  boot(machine: GuestMachine): void {
    const guest = this.guestOf(machine);
    this.then(guest, () => guest.machine.start());
  }

  halt(key: string, how: HaltReason): void {
    const guest = this.guests.get(key);
    if (guest === undefined) return;
    if (how === 'delete') this.forget(key, guest);
    else {
      const clean = how === 'stop' && !this.broken.stops;
      this.then(guest, () => (clean ? guest.machine.shutDown() : guest.machine.powerCut()));
    }
  }

  onEvent(): void {
    // Only simulated machines set timers.
  }

  probe(key: string, check: GuestCheck): boolean {
    return this.guests.get(key)?.probe.newest(check) ?? false;
  }

  connect(): boolean {
    return false; // all connections go through the fabric
  }

  reach(host: string, port: number): Socket {
    return connect({ host, port });
  }

  restore(): void {
    // The lab's emulator starts empty.
  }

  /** Forwards new output of the serial consoles. */
  listen(): void {
    for (const [key, guest] of this.guests) {
      const text = this.printed(guest);
      if (text !== '') this.host.serial(key, text);
    }
  }

  /** Resolves when all queued operations are done. */
  async settled(): Promise<void> {
    await Promise.all(this.all().map((guest) => guest.last));
  }

  close(): void {
    for (const { probe } of this.guests.values()) probe.close();
  }

  private guestOf(machine: GuestMachine): Guest {
    const known = this.guests.get(machine.key);
    if (known?.id === machine.id) return known;
    const folder = join(this.state, 'machines', machine.id);
    mkdirSync(folder, { recursive: true });
    const n = this.freeNumber();
    const layer = this.broken.layers.get(machine.name);
    const layers = [...(layer === undefined ? [] : [layer]), ...this.build.layers];
    const guest: Guest = {
      machine: new Machine(this.specOf(machine, n, folder), { ...this.build, layers }),
      n,
      ip: machine.internalIp,
      id: machine.id,
      folder,
      probe: new HealthProbe(machine.internalIp),
      last: Promise.resolve(),
      heard: 0,
    };
    this.guests.set(machine.key, guest);
    return guest;
  }

  private specOf(machine: GuestMachine, n: number, folder: string): MachineSpec {
    const { broken, ca } = this;
    const { id, name: hostname, internalIp: ip } = machine;
    const disks = machine.disks.filter((d) => !d.boot).map((d) => ({ deviceName: d.deviceName, file: this.fileOf(d) }));
    return {
      ...{ n, id, hostname, ip, folder, ca },
      get disks() {
        return broken.diskless.has(hostname) ? [] : disks;
      },
    };
  }

  private all(): Guest[] {
    return [...this.guests.values(), ...this.ending];
  }

  private freeNumber(): number {
    const used = new Set(this.all().map((guest) => guest.n));
    let n = 1;
    while (used.has(n)) n++;
    return n;
  }

  // The file belongs to the disk: its name is stored in the emulator's
  // disk and deleted with it, so a new disk never finds an old file.
  private fileOf(disk: GuestDisk): string {
    const scope = { disk: disk.url };
    const known = this.host.load(scope, 'file');
    if (typeof known === 'string') return known;
    const folder = disksOf(this.state);
    mkdirSync(folder, { recursive: true });
    const file = join(folder, `${disk.name}-${randomText(this.host.ids, 8)}.img`);
    this.host.save(scope, 'file', file);
    return file;
  }

  private forget(key: string, guest: Guest): void {
    this.guests.delete(key);
    guest.probe.close();
    this.ending.add(guest);
    this.then(guest, async () => {
      await guest.machine.remove();
      this.ending.delete(guest);
    });
  }

  private then(guest: Guest, work: () => Promise<void>): void {
    guest.last = guest.last.then(work).catch(this.failed);
  }

  private printed(guest: Guest): string {
    const file = join(guest.folder, 'serial.log');
    if (!existsSync(file)) return '';
    const handle = openSync(file, 'r');
    try {
      const buffer = Buffer.alloc(Math.min(fstatSync(handle).size - guest.heard, 256 * 1024));
      const length = readSync(handle, buffer, 0, buffer.length, guest.heard);
      const end = buffer.subarray(0, length).lastIndexOf(10) + 1; // complete lines
      guest.heard += end;
      return buffer.subarray(0, end).toString('utf8');
    } finally {
      closeSync(handle);
    }
  }
}
