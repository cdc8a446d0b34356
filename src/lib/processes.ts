import { readFileSync } from 'node:fs';

/**
 * Whether a process on this computer is alive. EPERM means alive, but another user's. With `started` (from `startOf`),
 * only that very process counts: PIDs are reused.
 */
export const isAlive = (pid: number, started?: string): boolean => {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const now = started === undefined ? undefined : startOf(pid);
  return now === undefined || now === started;
};

/**
 * When a process started, as an opaque value to compare: on Linux, clock ticks since boot (proc(5), field 22 of stat).
 * Undefined where the system needs an external program to tell.
 */
export const startOf = (pid: number): string | undefined => {
  try {
    // The name in parentheses may itself contain spaces and parentheses; field 3 follows it.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined; // not Linux, or the process has just exited
  }
};
