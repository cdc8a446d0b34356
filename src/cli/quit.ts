import { english } from '../lib/message.ts';
import { openOperations, type StoredRun } from '../engine/journalRecords.ts';

/** Messages when a user quits a run immediately: what continues, and how to resume the run. */
export const quitWords = ({ plan, records }: StoredRun): string[] => {
  const titles = new Map(plan.steps.map((s) => [s.id, english(s.title)]));
  return [
    ...openOperations(records).map(
      ({ step, operation }) => `Still running in the cloud: ${operation} (${titles.get(step) ?? step})`,
    ),
    `To resume: trizone resume ${plan.run}`,
  ];
};
