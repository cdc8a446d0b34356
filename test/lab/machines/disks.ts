import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  realpathSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, sep } from 'node:path';
import { asOperatorError } from '../../../src/lib/operatorError.ts';
import { isAlive } from '../../../src/lib/processes.ts';
import { attempt, run, until } from './commands.ts';

const freeMs = 20_000;
const diskBytes = 2 * 1024 ** 3;
// Capacity of all disks together: an etcd of the lab writes about 200 MB.
const memoryBytes = 4 * 1024 ** 3;

/**
 * Attaches a disk's file, created sparse if missing, as a loop device; returns the
 * device's number. Waits until another machine, which may be ending, has released it.
 */
export const attach = async (file: string): Promise<number> => {
  if (!existsSync(file)) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, '', { mode: 0o600 });
    truncateSync(file, diskBytes);
  }
  const free = async (): Promise<boolean> => (await run('losetup', ['--associated', file])) === '';
  await until(`nobody else has ${file}`, freeMs, free);
  return attachFree(file);
};

// The kernel offers a free number and losetup uses it a moment later:
// `detach` of another disk may have removed it in between.
const attachFree = async (file: string): Promise<number> => {
  try {
    const device = await run('losetup', ['--find', '--show', file]);
    return Number(device.trim().replace('/dev/loop', ''));
  } catch (error) {
    if (asOperatorError(error).message.includes('No such device or address')) return attachFree(file);
    throw error;
  }
};

const backing = (loop: number): string => `/sys/block/loop${loop}/loop/backing_file`;

/**
 * Detaches a disk. Its file system may hold it briefly after the machine's
 * last process; until then the file must not be attached again.
 */
export const detach = async (loop: number): Promise<void> => {
  await attempt('losetup', ['--detach', `/dev/loop${loop}`]); // the next line tells whether it worked
  await until(`/dev/loop${loop} is free`, freeMs, () => !existsSync(backing(loop)));
  // Settings of `stopWriting` stick to the device until it is removed; if
  // another disk has taken the device, they stay with it.
  await attempt('perl', ['-e', removeLoop, `${loop}`]);
};

// ioctl(2) LOOP_CTL_REMOVE.
const removeLoop =
  'open(my $f, "+<", "/dev/loop-control") or die "$!\\n"; ioctl($f, 0x4c81, int($ARGV[0])) or die "$!\\n"';

/** Detaches all disks whose files are below a folder. */
export const detachBeneath = async (folder: string): Promise<void> => {
  if (!existsSync(folder)) return;
  const inside = realpathSync(folder) + sep;
  for (const name of readdirSync('/sys/block')) {
    const loop = Number(/^loop(\d+)$/.exec(name)?.[1] ?? NaN);
    if (Number.isNaN(loop) || !existsSync(backing(loop))) continue;
    if (readFileSync(backing(loop), 'utf8').startsWith(inside)) await detach(loop);
  }
};

/**
 * Mounts a folder for disks in memory. The computer's own disk is shared by all machines and other programs: an etcd
 * write that waits for those causes elections that a cluster whose masters have their own disks would not see.
 */
export const layInMemory = async (folder: string): Promise<void> => {
  mkdirSync(folder, { recursive: true });
  await run('mount', ['-t', 'tmpfs', '-o', `size=${memoryBytes},mode=700`, 'lab-disks', folder]);
};

/** Unmounts all memory file systems below a folder. */
export const unmountBeneath = async (folder: string): Promise<void> => {
  const points = readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '');
  for (const point of points.filter((each) => each.startsWith(folder + sep))) await run('umount', [point]);
};

// ioctl(2) EXT4_IOC_SHUTDOWN with EXT4_GOING_FLAGS_NOLOGFLUSH, in Perl, which every Debian has.
const stopFileSystem =
  'my $how = pack("L", 2); open(my $f, "<", $ARGV[0]) or die "$!\\n"; ioctl($f, 0x8004587d, $how) or die "$!\\n"';

/**
 * Freezes the state of the file systems on a machine's disks, as a power cut does: unwritten data never reaches the
 * disk, and the journal has to be replayed. Otherwise the kernel would write everything out at the end.
 */
export const stopWriting = async (pid: number, loops: readonly number[]): Promise<void> => {
  const devices = new Map(loops.map((loop) => [deviceNumber(loop), loop]));
  for (const [, , device = '', , point = ''] of mountsOf(pid).map((line) => line.split(' '))) {
    const loop = devices.get(device);
    if (loop === undefined || !devices.delete(device)) continue;
    // A powerless machine issues no discards. A stopped file system
    // does, even for blocks that its aborted journal has not freed.
    writeFileSync(`/sys/block/loop${loop}/queue/discard_max_bytes`, '0');
    const { code, err } = await attempt('perl', ['-e', stopFileSystem, `/proc/${pid}/root${point}`]);
    if (code !== 0 && isAlive(pid)) throw new Error(`The file system on ${point} goes on writing: ${err}`);
  }
};

const mountsOf = (pid: number): string[] => {
  try {
    return readFileSync(`/proc/${pid}/mountinfo`, 'utf8').split('\n');
  } catch (error) {
    // The process has just ended, and its mounts with it.
    if (['EINVAL', 'ENOENT'].includes((error as NodeJS.ErrnoException).code ?? '')) return [];
    throw error;
  }
};

const deviceNumber = (loop: number): string => {
  const { rdev } = statSync(`/dev/loop${loop}`);
  return `${rdev >> 8}:${rdev & 0xff}`;
};
