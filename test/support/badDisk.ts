import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

/** How a disk fails: at one call, or at that one and all that follow; `short`: a write accepts half of its data. */
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

/** Result of work on a failing disk. */
export interface Tried {
  /** Mutating calls. */
  readonly calls: number;
  readonly error: unknown;
}

/**
 * Runs work on a disk that fails at call number `at` (from 1; 0: never) and, if it
 * `lasts`, from then on; counts all mutating calls, or those of one name.
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

// A failed close has still closed; a failed write has not written.
const fail = (name: Name, code: string, really: () => unknown): never => {
  if (name === 'closeSync') really();
  throw Object.assign(new Error(`${code}: injected, ${name}`), { code });
};

/** All combinations of a failing disk: each call, each fault, once and lasting. */
export const everyFault = (calls: number): { at: number; fault: DiskFault; lasts: boolean }[] =>
  (['ENOSPC', 'EIO', 'EROFS', 'short'] as const).flatMap((fault) =>
    Array.from({ length: calls }, (_, n) => [false, true].map((lasts) => ({ at: n + 1, fault, lasts }))).flat(),
  );
