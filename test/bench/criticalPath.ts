import { criticalPath } from '../../src/engine/graph.ts';
import type { RunResult } from '../../src/engine/runOptions.ts';
import { planVerb } from '../../src/operate/operator.ts';
import type { Prepared } from '../../src/verbs/prepared.ts';
import type { CloudWorld, Program } from '../support/cloudWorld.ts';

interface StoredOperation {
  readonly insertTime: string;
  readonly endTime: string;
}

/** The emulator's operations by path, which is their name in the journal: start and duration, milliseconds. */
const operationsOf = (w: CloudWorld): ReadonlyMap<string, { readonly at: number; readonly ms: number }> => {
  const { operations } = w.emulator.exportState() as { operations: Record<string, StoredOperation> };
  return new Map(
    Object.entries(operations).map(([path, o]) => {
      const at = Date.parse(o.insertTime);
      return [path, { at, ms: Date.parse(o.endTime) - at }];
    }),
  );
};

/** One completed verb, milliseconds of cluster time. */
export interface Carried {
  /** From the click to the end: reading, planning, the run, the release of the lease. */
  readonly ms: number;
  /** Lower bound; see `carry`. */
  readonly limitMs: number;
  /** From the click until a step was through. */
  readonly until: (step: RegExp) => number;
}

/**
 * Carries out a verb and computes its lower bound: along the graph's edges only the cloud's own operation times and the
 * waits for machines count, plus the operation that releases the lease at the end. Queueing, planning, our own
 * requests, and pauses between steps are the difference.
 */
export const carry = async (
  w: CloudWorld,
  prepare: (p: Program) => Promise<Prepared | undefined>,
): Promise<Carried> => {
  const p = await w.program();
  const click = w.clock.now();
  const prepared = await prepare(p);
  if (prepared === undefined) throw new Error('nothing to do');
  const plan = await planVerb(p.session, prepared, new AbortController().signal);
  const ran = await w.apply(p, [prepared, plan]);
  if (ran.error !== undefined) throw ran.error;
  const ms = w.clock.now() - click;
  return { ms, limitMs: limitOf(w, p, prepared, ran), until: (step) => whenThrough(p, step) - click };
};

const limitOf = (w: CloudWorld, p: Program, { steps }: Prepared, ran: RunResult): number => {
  const operations = operationsOf(w);
  const own = new Map<string, number>();
  for (const r of p.journals.list()[0]?.records ?? [])
    if (r.type === 'called') own.set(r.step, (own.get(r.step) ?? 0) + (operations.get(r.operation)?.ms ?? NaN));
  const waited = new Map(p.events.flatMap((e) => (e.type === 'done' ? [[e.step as string, e.ms] as const] : [])));
  const { length } = criticalPath(steps, (s) => own.get(s.id) ?? waited.get(s.id) ?? 0);
  const ended = p.events.find((e) => e.type === 'ended')?.at ?? NaN;
  const after = [...operations.values()].filter((o) => o.at >= ended).map((o) => o.ms);
  if (!(length <= ran.ms)) throw new Error(`the limit is longer than the run: ${length} > ${ran.ms}`);
  return length + Math.max(0, ...after);
};

const whenThrough = (p: Program, step: RegExp): number => {
  const found = p.events.find((e) => (e.type === 'done' || e.type === 'skipped') && step.test(e.step));
  if (found === undefined) throw new Error(`never through: ${String(step)}`);
  return found.at;
};
