import type { CloudWorld } from '../support/cloudWorld.ts';
import { countCalls, inWorld } from './bench.ts';
import { median } from './bundles.ts';
import type { Row } from './run.ts';

const seeds = ['a', 'b', 'c', 'd', 'e'];

interface StoredOperation {
  readonly insertTime: string;
  readonly endTime: string;
}

/** Milliseconds that each operation of the emulator took, by its path, which is what the journal calls it. */
const operationTimes = (w: CloudWorld): ReadonlyMap<string, number> => {
  const { operations } = w.emulator.exportState() as { operations: Record<string, StoredOperation> };
  return new Map(
    Object.entries(operations).map(([path, o]) => [path, Date.parse(o.endTime) - Date.parse(o.insertTime)]),
  );
};

/**
 * The run against what cannot be avoided: along the graph's edges only the cloud's own operation times and the machine's boot
 * count; queueing, polling and our own requests are the difference.
 */
const ratio = async (seed: string): Promise<number> =>
  inWorld(seed, {}, async (w) => {
    const p = await w.program();
    const planned = await w.planUp(p);
    const ran = await w.apply(p, planned);
    if (ran.error !== undefined) throw ran.error;
    const took = operationTimes(w);
    const own = new Map<string, number>();
    for (const r of p.journals.list()[0]?.records ?? []) {
      if (r.type === 'called') own.set(r.step, (own.get(r.step) ?? 0) + (took.get(r.operation) ?? NaN));
    }
    const waited = new Map(p.events.flatMap((e) => (e.type === 'done' ? [[e.step as string, e.ms] as const] : [])));
    const ends = new Map<string, number>();
    for (const step of planned[0].steps) {
      const before = Math.max(0, ...step.after.map((a) => ends.get(a.id) ?? 0));
      const isWait = /^(boot|nodes|fill-pool|validate):/.test(step.id);
      ends.set(step.id, before + (isWait ? (waited.get(step.id) ?? 0) : (own.get(step.id) ?? 0)));
    }
    return ran.ms / Math.max(...ends.values());
  });

/** `up` and `down` of the article's first cluster: how near to the critical path, and how many requests. */
export const firstCluster = async (): Promise<Row[]> => {
  const ratios: number[] = [];
  for (const seed of seeds) ratios.push(await ratio(seed));
  return inWorld('calls', {}, async (w) => {
    const calls = countCalls(w);
    const words = (): string => `${calls.reads} + ${calls.writes} + ${calls.waits}`;
    const up = await w.up();
    const made = words();
    Object.assign(calls, { reads: 0, writes: 0, waits: 0 });
    await w.planUp(await w.program());
    const again = words();
    Object.assign(calls, { reads: 0, writes: 0, waits: 0 });
    const down = await w.down();
    return [
      ['up against its critical path (5 seeds)', median(ratios).toFixed(3), 'goal ≤ 1.10'],
      ['simulated time of up / down', `${(up.ms / 1000).toFixed(0)} s / ${((down?.ms ?? 0) / 1000).toFixed(0)} s`, ''],
      ['requests of up (reads + writes + waits)', made, ''],
      ['requests of an up that has nothing to do', again, ''],
      ['requests of down', words(), ''],
    ];
  });
};
