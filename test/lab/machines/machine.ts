import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { OperatorError } from '../../../src/lib/operatorError.ts';
import { isAlive } from '../../../src/lib/processes.ts';
import { makeGroups, removeGroups } from './cgroups.ts';
import { type Ended, lastLines } from '../program.ts';
import { attempt, run, until } from './commands.ts';
import { attach, detach, stopWriting } from './disks.ts';
import { makeBootDisk, type MachineImage } from './image.ts';
import { machineName } from './names.ts';
import { plugIn, removeCard, unplug } from './nic.ts';

/** Description of a machine. */
export interface MachineSpec {
  /** A small number, from 1, unique while the machine exists. */
  readonly n: number;
  /** The emulator's ID of the instance. */
  readonly id: string;
  readonly hostname: string;
  /** Primary internal address. */
  readonly ip: string;
  /** Persistent disks; a missing file is created, sparse, 2 GiB. */
  readonly disks: readonly { readonly deviceName: string; readonly file: string }[];
  /** Folder of its boot disk, its console output (`serial.log`, appended), and its process ID. */
  readonly folder: string;
  /** Certificate (PEM) of the CA that stands in for Google's. */
  readonly ca?: string;
}

// On Google every machine has its own CPUs; here the boot of a pool must not starve an API server. Masters have a disk.
const [masterShares, nodeShares] = [1024, 256];
const bootMs = 20_000;
const endMs = 20_000;
const shutDownMs = 30_000;
// SIGRTMIN+4: systemd(1) starts poweroff.target, even during its boot, when D-Bus is not available yet.
const powerOffSignal = 38;
const insidePath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin';

/**
 * A Compute Engine instance as a Linux machine: a process tree with systemd as process 1 in its own namespaces, on an
 * overlay of the image. Needs root. Do not call its methods concurrently.
 */
export class Machine {
  private readonly spec: MachineSpec;
  private readonly image: MachineImage;
  private pid: number | undefined;
  private loops: number[] = [];

  constructor(spec: MachineSpec, image: MachineImage) {
    this.spec = spec;
    this.image = image;
  }

  /** Whether it is powered on and has not shut itself down. */
  get running(): boolean {
    return this.pid !== undefined && isAlive(this.pid);
  }

  /** Output of its serial console, over all boots. */
  get console(): string {
    const file = join(this.spec.folder, 'serial.log');
    return existsSync(file) ? readFileSync(file, 'utf8') : '';
  }

  /** Powers it on; resolves when systemd runs, which is before the boot has finished. Does nothing if it is running. */
  async start(): Promise<void> {
    if (this.running) return;
    await this.end();
    const { n, ip, folder, disks } = this.spec;
    mkdirSync(folder, { recursive: true });
    await makeBootDisk(this.spec, this.image);
    for (const { file } of disks) this.loops.push(await attach(file));
    await plugIn(n, ip);
    await this.systemd(this.power(makeGroups(n, disks.length > 0 ? masterShares : nodeShares)));
  }

  /** Cuts its power: unwritten data is lost, and its network peers get no notice. */
  async powerCut(): Promise<void> {
    const { pid } = this;
    await unplug(this.spec.n);
    if (pid !== undefined && this.running) {
      await stopWriting(pid, this.loops);
      if (isAlive(pid)) process.kill(pid, 'SIGKILL'); // the kernel then ends all of the machine's processes
    }
    await this.end();
  }

  /** The power button: systemd shuts down; after 30 s the power is cut (Compute Engine: 90 s). */
  async shutDown(): Promise<void> {
    if (this.pid !== undefined && this.running) process.kill(this.pid, powerOffSignal);
    await until(`${this.spec.hostname} is off`, shutDownMs, () => !this.running).catch((error: unknown) => {
      if (!OperatorError.is(error, 'timeout')) throw error;
    });
    await this.powerCut();
  }

  /** Cuts the power, then removes everything except its persistent disks. */
  async remove(): Promise<void> {
    await this.powerCut();
    await removeCard(this.spec.n);
    await run('rm', ['-rf', '--one-file-system', this.spec.folder]);
  }

  /** Runs a program inside the machine, to its end. */
  async run(command: readonly string[]): Promise<Ended> {
    if (this.pid === undefined || !this.running) {
      throw new OperatorError('not-ready', `The machine is off: ${this.spec.hostname}`, { remedy: 'Start it first.' });
    }
    const namespaces = ['--mount', '--pid', '--uts', '--ipc', '--net', '--cgroup', '--root', '--wd'];
    const environment = ['env', '-i', 'HOME=/root', 'TERM=dumb', 'LANG=C.UTF-8', `PATH=${insidePath}`];
    return attempt('nsenter', ['--target', `${this.pid}`, ...namespaces, ...environment, ...command]);
  }

  private power(groups: readonly string[]): ChildProcess {
    const { n, hostname, folder, disks } = this.spec;
    const init = join(import.meta.dirname, 'init.sh');
    rmSync(join(folder, 'pid'), { force: true });
    const console = openSync(join(folder, 'serial.log'), 'a', 0o600);
    const child = spawn('bash', [init, 'power'], {
      detached: true,
      stdio: ['ignore', console, console],
      env: {
        PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
        SHELL: '/bin/sh',
        INIT: init,
        NAME: machineName(n),
        HOST_NAME: hostname,
        FOLDER: folder,
        LAYERS: this.image.layers.join(':'),
        CONTROL_GROUPS: groups.join(' '),
        DISKS: disks.map(({ deviceName }, i) => `${deviceName}:${this.loops[i]}`).join(' '),
      },
    });
    closeSync(console);
    child.unref(); // a machine does not keep this process alive
    return child;
  }

  private async systemd(child: ChildProcess): Promise<void> {
    await until(`systemd of ${this.spec.hostname} runs`, bootMs, () => {
      if (child.exitCode !== null) throw this.deadOnArrival();
      const pid = this.writtenPid();
      if (pid === undefined || !existsSync(`/proc/${pid}/root/run/systemd/private`)) return false;
      this.pid = pid;
      return true;
    });
  }

  private writtenPid(): number | undefined {
    const file = join(this.spec.folder, 'pid');
    const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
    return text.endsWith('\n') ? Number(text) : undefined;
  }

  private deadOnArrival(): OperatorError {
    const { hostname, folder } = this.spec;
    return new OperatorError('operation-failed', `The machine did not start: ${hostname}\n${lastLines(this.console)}`, {
      remedy: `What it printed: ${join(folder, 'serial.log')}`,
    });
  }

  // The machine is off, or shutting down: releases its resources on this computer.
  private async end(): Promise<void> {
    const { n, folder } = this.spec;
    await until(`processes of ${this.spec.hostname} end`, endMs, () => !this.running);
    await unplug(n);
    await removeGroups(n);
    for (const loop of this.loops) await detach(loop);
    this.loops = [];
    this.pid = undefined;
    rmSync(join(folder, 'pid'), { force: true });
  }
}
