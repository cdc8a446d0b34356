import { english } from '../lib/message.ts';
import { backoffMs, type Backoff } from '../lib/backoff.ts';
import { cancelled, fromWall } from '../lib/clock.ts';
import { withDeadline } from '../lib/deadline.ts';
import { uuid5 } from '../lib/ids.ts';
import { asOperatorError, OperatorError } from '../lib/operatorError.ts';
import { cleanUpGraceMs } from './cleanUp.ts';
import type { RunState } from './events.ts';
import { criticalPath, runGraph } from './graph.ts';
import { isRepeat, nextAttempt, openOperation } from './journalRecords.ts';
import { LastWords } from './lastWords.ts';
import { checkEdge, type Plan, type PlannedStep } from './plan.ts';
import type { Change, Decision, ReadContext, Step, WriteContext } from './step.ts';
import type { RunOptions, RunResult } from './runOptions.ts';
import { failedRecord, isDefinite, withStep, worthAnotherLook } from './stepFailure.ts';

// As many as a create in three zones runs in parallel: firewall rules, groups, and addresses at its widest, waits for
// machines and pools later. The request rate is limited separately (gce/limits.ts).
const stepsAtOnce = 16;

// After its deadline, a step has this long (cluster time) to report what it was waiting for.
const graceMs = 1000;

const retryBackoff: Backoff = { firstMs: 2000, factor: 1.7, capMs: 20_000 };

/** Applies a plan. Never rejects for a failed step: the failure is part of the result. */
export const applyPlan = async <R, W extends R>(plan: Plan<R, W>, options: RunOptions<R, W>): Promise<RunResult> => {
  const run = new Run(plan, options);
  return run.apply();
};

class Run<R, W extends R> {
  private planned: ReadonlyMap<string, PlannedStep<R, W>> = new Map();
  private steps: readonly Step<R, W>[] = [];
  private readonly o: RunOptions<R, W>;
  private readonly outs = new Map<string, unknown>();
  private readonly took = new Map<string, number>();

  constructor(plan: Plan<R, W>, options: RunOptions<R, W>) {
    this.o = options;
    this.follow(plan);
  }

  private follow({ steps }: Plan<R, W>): void {
    this.steps = steps.map((p) => p.step);
    this.planned = new Map(steps.map((p) => [p.step.id, p]));
  }

  async apply(): Promise<RunResult> {
    const { clock, listen, journal, run, wall } = this.o;
    const start = clock.monotonic();
    listen({ type: 'planned', run, steps: this.steps.map((s) => s.id), at: start });
    let error: OperatorError | undefined;
    try {
      await this.passCheckpoint();
      await this.perform(this.steps);
    } catch (e) {
      error = asOperatorError(e);
    }
    try {
      journal.append({ type: 'ended', state: stateOf(error), at: wall.now() });
    } catch (e) {
      error ??= asOperatorError(e); // the first error wins; without this record the run counts as interrupted
    }
    const state = stateOf(error);
    listen({ type: 'ended', state, at: clock.monotonic() });
    const critical = criticalPath(this.steps, (n) => this.took.get(n.id) ?? 0);
    return { state, ms: clock.monotonic() - start, critical, ...(error === undefined ? {} : { error }) };
  }

  private perform(steps: readonly Step<R, W>[]): Promise<void> {
    return runGraph(steps, this.o.parallel ?? stepsAtOnce, (step) => this.runStep(step, this.planned.get(step.id)));
  }

  // The new plan made its own observations; only the checkpoint itself is not run again.
  private async passCheckpoint(): Promise<void> {
    const step = this.steps.find((s) => s.id === this.o.checkpoint?.step);
    if (step === undefined) return;
    await this.perform(upTo(step, this.steps));
    const out = this.outs.get(step.id);
    const next = await this.o.checkpoint?.replan(out);
    if (next === undefined) return;
    this.follow(next);
    this.outs.clear();
    this.outs.set(step.id, out);
  }

  /** A step that the plan found done is skipped, unless its state changes by itself; every other step is observed again. */
  private async runStep(step: Step<R, W>, planned: PlannedStep<R, W> | undefined): Promise<void> {
    if (this.outs.has(step.id)) return;
    const { clock, listen, cancel } = this.o;
    const start = clock.monotonic();
    const open = openOperation(this.o.journal.records, step.id);
    const insists = this.o.insist === true && step.insists === true;
    const looks = step.looksAgain === true || insists;
    const known = planned?.decision.do === 'nothing' && planned.seen.known && !looks;
    if (known && open === undefined) {
      this.outs.set(step.id, planned.decision.out);
      return;
    }
    if (cancel.aborted) throw cancelled(cancel);
    const deadlineMs = Math.max(step.timeoutMs, clock.leastDeadlineMs) + fromWall(clock, step.wallMs ?? 0);
    const words = new LastWords(step, deadlineMs);
    const late = (): OperatorError => words.late();
    const work = (deadline: AbortSignal): Promise<void> => this.attempts(step, planned, deadline, words);
    try {
      await withDeadline(clock, deadlineMs, undefined, late, work, step.cleansUp ? cleanUpGraceMs : graceMs);
    } catch (e) {
      const error = withStep(asOperatorError(e), step.id);
      if (error.code === 'cancelled') listen({ type: 'cancelled', step: step.id, at: clock.monotonic() });
      else listen({ type: 'failed', step: step.id, error, at: clock.monotonic() });
      throw error;
    } finally {
      this.took.set(step.id, clock.monotonic() - start);
    }
  }

  private async attempts(
    step: Step<R, W>,
    planned: PlannedStep<R, W> | undefined,
    deadline: AbortSignal,
    words: LastWords,
  ): Promise<void> {
    const { clock, listen, ids, cancel } = this.o;
    let fresh = planned;
    for (let tries = 1; ; tries++) {
      try {
        if (await this.reattached(step, deadline)) fresh = undefined;
        await this.attempt(step, fresh, deadline, words);
        return;
      } catch (e) {
        const error = asOperatorError(e);
        if (!worthAnotherLook(error) || cancel.aborted) throw error;
        if (deadline.aborted && error === deadline.reason) throw error;
        words.failed(error);
        if (deadline.aborted) throw words.late();
        const ms = error.retryAfterMs ?? backoffMs(retryBackoff, tries, ids);
        listen({ type: 'waiting', step: step.id, text: `${error.message}; retrying`, at: clock.monotonic() });
        await clock.sleep(ms, AbortSignal.any([deadline, cancel]));
        fresh = undefined;
      }
    }
  }

  // An earlier request (of a killed run, or without an answer) must end first; then the step observes the outcome. A
  // failed operation is retried under a new ID: its old request ID would only return the same failure.
  private async reattached(step: Step<R, W>, deadline: AbortSignal): Promise<boolean> {
    const { journal, listen, clock, reattach } = this.o;
    const operation = openOperation(journal.records, step.id);
    if (operation === undefined || reattach === undefined) return false;
    listen({ type: 'waiting', step: step.id, text: `resuming the wait for ${operation}`, at: clock.monotonic() });
    const start = clock.monotonic();
    try {
      await reattach(operation, deadline);
      // That attempt is over. Anything left to do is a new attempt: the old ID would only return the old result.
      journal.append({ type: 'done', step: step.id, ms: clock.monotonic() - start });
    } catch (e) {
      const error = asOperatorError(e);
      if (!isDefinite(error)) throw error;
      journal.append(failedRecord(step.id, error, true));
    }
    return true;
  }

  private async attempt(
    step: Step<R, W>,
    planned: PlannedStep<R, W> | undefined,
    deadline: AbortSignal,
    words: LastWords,
  ): Promise<void> {
    const { clock, listen } = this.o;
    const start = clock.monotonic();
    const read = this.readContext(step, deadline);
    const { facts, decision } = await this.look(step, read, planned);
    if (decision.do === 'refuse') throw decision.error;
    if (decision.do === 'nothing') {
      this.outs.set(step.id, decision.out);
      listen({ type: 'skipped', step: step.id, at: clock.monotonic() });
      return;
    }
    listen({ type: 'started', step: step.id, title: english(step.title), do: decision.do, at: start });
    const context = (attempt: number): WriteContext<W> => this.writeContext(step, read, attempt, deadline, words);
    const repeats = isRepeat(this.o.journal.records, step.id);
    let out = await this.change(step, decision, facts, context);
    if (repeats) out = await this.changeAgain(step, read, out, context);
    this.outs.set(step.id, out);
    listen({ type: 'done', step: step.id, ms: clock.monotonic() - start, at: clock.monotonic() });
  }

  // An absence in a recent plan is trusted: if the resource was created since, the insert returns 409 and the step
  // observes again. Deletions are never based on an old observation.
  private async look(
    step: Step<R, W>,
    read: ReadContext<R>,
    planned: PlannedStep<R, W> | undefined,
  ): Promise<{ facts: unknown; decision: Decision<unknown> }> {
    if (planned?.seen.known && planned.seen.facts === undefined && planned.decision.do === 'create') {
      return { facts: undefined, decision: planned.decision };
    }
    const facts = await step.observe(read);
    const decision = step.decide({ known: true, facts });
    const isAnnounced = planned?.decision.do === 'wait' || this.o.insist === true;
    const waits = step.insists === true && decision.do === 'nothing' && isAnnounced;
    return { facts, decision: waits ? { do: 'wait' } : decision };
  }

  // A request with a reused ID may have been answered by the old operation without doing anything: changes made by
  // others since then would remain.
  private async changeAgain(
    step: Step<R, W>,
    read: ReadContext<R>,
    out: unknown,
    context: (attempt: number) => WriteContext<W>,
  ): Promise<unknown> {
    const { facts, decision } = await this.look(step, read, undefined);
    if (decision.do === 'refuse') throw decision.error;
    if (decision.do === 'nothing' || decision.do === 'wait') return out;
    return this.change(step, decision, facts, context);
  }

  private async change(
    step: Step<R, W>,
    change: Change,
    facts: unknown,
    context: (attempt: number) => WriteContext<W>,
  ): Promise<unknown> {
    const { journal, clock, wall } = this.o;
    const attempt = nextAttempt(journal.records, step.id);
    const start = clock.monotonic();
    // Intent before action (invariant 2): if a crash loses the response, the request is repeated under the same ID, not
    // doubled.
    journal.append({ type: 'intent', step: step.id, attempt, do: change.do, at: wall.now() });
    try {
      const out = await step.perform(context(attempt), change, facts);
      journal.append({ type: 'done', step: step.id, ms: clock.monotonic() - start });
      return out;
    } catch (e) {
      const error = asOperatorError(e);
      journal.append(failedRecord(step.id, error, isDefinite(error)));
      throw e;
    }
  }

  private readContext(step: Step<R, W>, deadline: AbortSignal): ReadContext<R> {
    return {
      world: this.o.world,
      clock: this.o.clock,
      signal: AbortSignal.any([deadline, this.o.cancel]),
      out: (wanted) => {
        checkEdge(step, wanted.id);
        return this.outs.get(wanted.id) as NonNullable<typeof wanted.is>;
      },
    };
  }

  private writeContext(
    step: Step<R, W>,
    read: ReadContext<R>,
    attempt: number,
    deadline: AbortSignal,
    words: LastWords,
  ): WriteContext<W> {
    const { run, journal, listen, clock, world } = this.o;
    return {
      ...read,
      run,
      world,
      call: (part) => ({
        requestId: uuid5(run, step.id, part ?? '', String(attempt)),
        signal: deadline,
        onOperation: (operation) => {
          journal.append({ type: 'called', step: step.id, operation });
          words.accepted();
        },
      }),
      progress: (text) => {
        words.record(text);
        listen({ type: 'progress', step: step.id, text, at: clock.monotonic() });
      },
    };
  }
}

// A step and all its direct and indirect predecessors, in list order.
const upTo = <R, W extends R>(last: Step<R, W>, steps: readonly Step<R, W>[]): Step<R, W>[] => {
  const wanted = new Set<Step<R, W>>([last]);
  for (const step of steps.toReversed()) if (wanted.has(step)) for (const before of step.after) wanted.add(before);
  return steps.filter((s) => wanted.has(s));
};

const stateOf = (error: OperatorError | undefined): RunState =>
  error === undefined ? 'done' : error.code === 'cancelled' ? 'cancelled' : 'failed';
