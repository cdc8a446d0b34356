import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

/** How a disk fails: at one call or at that one and all that follow; `short`: a write takes half of what it is given. */
export type DiskFault = 'ENOSPC' | 'EIO' | 'EROFS' | 'EBUSY' | 'EXDEV' | 'EPERM' | 'short';

const changing = [
  'openSync',
  'writeSync',
  'fsyncSync',
  'closeSync',
  'renameSync',
  'linkSync',
  'truncateSync',
  'ftruncateSync',
  'mkdirSync',
  'rmSync',
  'writeFileSync',
  'copyFileSync',
  'utimesSync',
  'fchmodSync',
  'fchownSync',
] as const;

type Name = (typeof changing)[number];

/** What happened at a disk that was made bad. */
export interface Tried {
  /** Calls that change something. */
  readonly calls: number;
  readonly error: unknown;
}

/**
 * Does something on a disk that fails at its call number `at` (from 1; 0: never), and, where it `lasts`, from then on; counts all
 * calls that change something, or those of one name.
 */
export const onBadDisk = (work: () => void, at = 0, fault: DiskFault = 'EIO', lasts = false, only?: Name): Tried => {
  const real = Object.fromEntries(changing.map((name) => [name, fs[name]])) as unknown as Record<
    Name,
    (...args: never[]) => unknown
  >;
  let calls = 0;
  const bad =
    (name: Name) =>
    (...args: unknown[]): unknown => {
      if (only === undefined || only === name) calls++;
      const isBad = at > 0 && (only ?? name) === name && (lasts ? calls >= at : calls === at);
      if (!isBad) return real[name](...(args as never[]));
      if (fault !== 'short') return fail(name, fault, () => real[name](...(args as never[])));
      if (name !== 'writeSync' || typeof args[3] !== 'number') return real[name](...(args as never[]));
      const half = [...args];
      half[3] = Math.ceil(args[3] / 2);
      return real[name](...(half as never[]));
    };
  try {
    for (const name of changing) Object.assign(fs, { [name]: bad(name) });
    syncBuiltinESMExports();
    work();
    return { calls, error: undefined };
  } catch (error) {
    return { calls, error };
  } finally {
    Object.assign(fs, real);
    syncBuiltinESMExports();
  }
};

// Also a close that fails has closed; a write that fails has not written.
const fail = (name: Name, code: string, really: () => unknown): never => {
  if (name === 'closeSync') really();
  throw Object.assign(new Error(`${code}: injected, ${name}`), { code });
};

/** Every way in which a piece of work can meet a bad disk: each call, each fault, once and lasting. */
export const everyFault = (calls: number): { at: number; fault: DiskFault; lasts: boolean }[] =>
  (['ENOSPC', 'EIO', 'EROFS', 'short'] as const).flatMap((fault) =>
    Array.from({ length: calls }, (_, n) => [false, true].map((lasts) => ({ at: n + 1, fault, lasts }))).flat(),
  );
