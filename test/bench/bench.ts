import { cloudWorld, type CloudWorld } from '../support/cloudWorld.ts';

/** Runs work in its own world, then tears the world down. */
export const inWorld = async <T>(
  seed: string,
  more: Parameters<typeof cloudWorld>[2],
  work: (w: CloudWorld) => Promise<T>,
): Promise<T> => {
  const ends: (() => unknown)[] = [];
  const w = await cloudWorld({ after: (end: () => unknown) => void ends.push(end) }, seed, more);
  try {
    return await work(w);
  } finally {
    for (const end of ends.toReversed()) await end();
  }
};

/** Request counts by purpose. */
export interface Calls {
  reads: number;
  writes: number;
  waits: number;
}

/** Counts every request from now on. */
export const countCalls = (w: CloudWorld): Calls => {
  const calls: Calls = { reads: 0, writes: 0, waits: 0 };
  const real = w.emulator.fetch.bind(w.emulator);
  w.emulator.fetch = (url, init) => {
    const { pathname } = new URL(url);
    const asks = /(listInstances|listManagedInstances|getHealth|getIamPolicy|testIamPermissions)$/;
    if (pathname.endsWith('/wait')) calls.waits++;
    else if ((init?.method ?? 'GET') === 'GET' || asks.test(pathname)) calls.reads++;
    else calls.writes++;
    return real(url, init);
  };
  return calls;
};
