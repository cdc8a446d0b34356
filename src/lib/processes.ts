import { readFileSync } from 'node:fs';

/**
 * Whether a process of this computer is alive. EPERM means alive, but another user's. With `started`, only the very process that
 * `startOf` told it of: ids are given out again.
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
 * When a process began, in words of the system that only compare: Linux' clock ticks since the computer's start (proc(5), field 22
 * of stat). Undefined where the system does not tell without a program of its own.
 */
export const startOf = (pid: number): string | undefined => {
  try {
    // The name in parentheses may hold blanks and parentheses itself; after it comes field 3.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined; // no Linux, or the process has just ended
  }
};
