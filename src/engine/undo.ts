import { createdSteps, type JournalRecord } from './journalRecords.ts';
import type { Step } from './step.ts';

/**
 * The steps that undo what a run created, according to its journal, in reverse: dependents go before what they depend
 * on. An ordinary workflow, planned and shown before it is applied; what was never created is observed as absent and
 * skipped. `first` (a lease) ends before anything is undone.
 */
export const undoSteps = <R, W extends R>(
  steps: readonly Step<R, W>[],
  records: readonly JournalRecord[],
  first: readonly Step<R, W>[] = [],
): Step<R, W>[] => {
  const made = createdSteps(records);
  const inverses = new Map<string, Step<R, W>>();
  const undone: Step<R, W>[] = [...first];
  for (const step of steps.toReversed()) {
    const dependants = transitiveDependants(step, steps).flatMap((d) => inverses.get(d.id) ?? []);
    if (step.inverse === undefined || !made.has(step.id)) continue;
    const inverse = step.inverse([...first, ...dependants]);
    inverses.set(step.id, inverse);
    undone.push(inverse);
  }
  return undone;
};

const transitiveDependants = <R, W extends R>(step: Step<R, W>, steps: readonly Step<R, W>[]): Step<R, W>[] => {
  const found = new Set<Step<R, W>>([step]);
  for (const s of steps) if (s.after.some((a) => found.has(a))) found.add(s);
  found.delete(step);
  return [...found];
};
