import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from './commands.ts';
import { isOurs, machineName } from './names.ts';

const mounted = '/sys/fs/cgroup';

/**
 * Folders of this process's control groups, one per hierarchy of version 1 and the one of version 2 (proc(5),
 * cgroups(7)). Machines are created below them, so that limits of this process apply to them too.
 */
const ownGroups = (): string[] =>
  readFileSync('/proc/self/cgroup', 'utf8')
    .trim()
    .split('\n')
    .map((line) => {
      const [, controllers = '', ...path] = line.split(':');
      return join(mounted, controllers === '' ? 'unified' : controllers.replace(/^name=/, ''), path.join(':'));
    })
    .filter((folder) => existsSync(folder));

/**
 * Creates a machine's control group, containing `machine`, in every hierarchy; returns their folders. `shares` is its
 * CPU weight under contention (cgroups v1, cpu.shares; processes outside machines have 1024).
 */
export const makeGroups = (n: number, shares: number): string[] =>
  ownGroups().map((own) => {
    const folder = join(own, machineName(n));
    for (const each of [folder, join(folder, 'machine')]) {
      mkdirSync(each, { recursive: true });
      // A new cpuset admits no process until its CPUs and memory nodes are set.
      for (const name of ['cpuset.cpus', 'cpuset.mems']) {
        if (existsSync(join(own, name))) writeFileSync(join(each, name), readFileSync(join(own, name)));
      }
    }
    const file = join(folder, 'cpu.shares');
    if (existsSync(file)) writeFileSync(file, `${shares}`);
    return folder;
  });

/** Kills all processes left in a machine's control groups and removes the groups. */
export const removeGroups = async (n: number): Promise<void> => {
  for (const own of ownGroups()) await removeGroup(join(own, machineName(n)));
};

/** The same for all machines of all runs, whatever parent group those ran in. */
export const removeAllGroups = async (): Promise<void> => {
  for (const hierarchy of readdirSync(mounted)) {
    for (const folder of oursBeneath(join(mounted, hierarchy))) await removeGroup(folder);
  }
};

const foldersIn = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));

const oursBeneath = (folder: string): string[] =>
  foldersIn(folder).flatMap((name) => (isOurs(name) ? [join(folder, name)] : oursBeneath(join(folder, name))));

const removeGroup = async (folder: string): Promise<void> => {
  if (!existsSync(folder)) return;
  await until(`processes of ${folder} end`, 20_000, () => {
    const left = processesBeneath(folder);
    for (const pid of left) kill(pid);
    return left.length === 0 && isRemoved(folder);
  });
};

const processesBeneath = (folder: string): number[] =>
  orGone([], () => [
    ...readFileSync(join(folder, 'cgroup.procs'), 'utf8')
      .split('\n')
      .map(Number)
      .filter((pid) => pid > 0),
    ...foldersIn(folder).flatMap((name) => processesBeneath(join(folder, name))),
  ]);

// A process that has just ended keeps its group busy briefly.
const isRemoved = (folder: string): boolean =>
  orGone(true, () => {
    if (!foldersIn(folder).every((name) => isRemoved(join(folder, name)))) return false;
    try {
      rmdirSync(folder);
      return true;
    } catch (error) {
      if (codeOf(error) !== 'EBUSY') throw error;
      return false;
    }
  });

// The machine's systemd may be removing its groups at the same time.
const orGone = <T>(gone: T, look: () => T): T => {
  try {
    return look();
  } catch (error) {
    if (!['ENOENT', 'ENODEV'].includes(codeOf(error) ?? '')) throw error;
    return gone;
  }
};

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;

const kill = (pid: number): void => {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (codeOf(error) !== 'ESRCH') throw error; // it has ended by itself
  }
};
