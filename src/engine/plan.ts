import type { Clock } from '../lib/clock.ts';
import { OperatorError } from '../lib/operatorError.ts';
import { criticalPath, runGraph } from './graph.ts';
import type { Decision, ReadContext, Seen, Step } from './step.ts';

/** One step with what was observed and decided. */
export interface PlannedStep<R, W extends R> {
  readonly step: Step<R, W>;
  readonly decision: Decision<unknown>;
  readonly seen: Seen<unknown>;
}

/** The whole plan, in workflow order; steps behind a refusal are omitted. */
export interface Plan<R, W extends R> {
  readonly steps: readonly PlannedStep<R, W>[];
  /** The steps that would change something or wait; housekeeping is excluded. */
  readonly changes: readonly PlannedStep<R, W>[];
  readonly refusals: readonly OperatorError[];
  /** Expected duration of the changes along the longest chain, in cluster milliseconds. */
  readonly expectedMs: number;
}

// Concurrent reads while planning. They are small, and the layer below has its own limit.
const readsAtOnce = 16;

/** Observes and decides every step. It cannot write: contexts carry only the reading half of the world. */
export const makePlan = async <R, W extends R>(
  steps: readonly Step<R, W>[],
  world: R,
  clock: Clock,
  signal: AbortSignal,
): Promise<Plan<R, W>> => {
  const planned = new Map<string, PlannedStep<R, W>>();
  await runGraph(steps, readsAtOnce, async (step) => {
    if (step.after.some((a) => !isOpen(planned.get(a.id)))) return;
    const ctx = readContext(step, world, clock, signal, planned);
    const seen = await observeIfKnown(step, ctx);
    planned.set(step.id, { step, seen, decision: step.decide(seen) });
  });
  const list = steps.map((s) => planned.get(s.id)).filter((p) => p !== undefined);
  return {
    steps: list,
    changes: list.filter((p) => isChange(p.decision)),
    refusals: list.flatMap((p) => (p.decision.do === 'refuse' ? [p.decision.error] : [])),
    expectedMs: criticalPath(steps, (n) => weight(planned.get(n.id))).length,
  };
};

// Steps behind a refusal are not observed: if the zone does not exist, every further read fails, too.
const isOpen = (p: PlannedStep<never, never> | undefined): boolean => p !== undefined && p.decision.do !== 'refuse';

/** Whether a decision is by itself a reason to run. */
export const isChange = (d: Decision<unknown>): boolean => d.do !== 'nothing' && d.do !== 'refuse' && d.do !== 'hold';

const weight = (planned: PlannedStep<never, never> | undefined): number =>
  planned !== undefined && isChange(planned.decision) ? planned.step.expectedMs : 0;

/** Thrown by `ctx.out` while planning, for a predecessor that has not run yet. */
class NotKnownYet extends Error {}

const observeIfKnown = async <R, W extends R>(step: Step<R, W>, ctx: ReadContext<R>): Promise<Seen<unknown>> => {
  try {
    return { known: true, facts: await step.observe(ctx) };
  } catch (error) {
    if (error instanceof NotKnownYet) return { known: false };
    throw error;
  }
};

const readContext = <R, W extends R>(
  step: Step<R, W>,
  world: R,
  clock: Clock,
  signal: AbortSignal,
  planned: ReadonlyMap<string, PlannedStep<R, W>>,
): ReadContext<R> => ({
  world,
  clock,
  signal,
  out: (wanted) => {
    checkEdge(step, wanted.id);
    const decision = planned.get(wanted.id)?.decision;
    if (decision?.do !== 'nothing') throw new NotKnownYet(wanted.id);
    return decision.out as NonNullable<typeof wanted.is>;
  },
});

/** An output can be read only along an edge; otherwise the graph would misstate dependencies. */
export const checkEdge = (step: { id: string; after: readonly { id: string }[] }, wanted: string): void => {
  if (!step.after.some((a) => a.id === wanted)) {
    throw new OperatorError('internal', `Step reads an output without an edge: ${step.id} reads ${wanted}`);
  }
};
