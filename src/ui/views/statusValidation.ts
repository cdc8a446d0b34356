import { checkTitle } from '../checkTitles.ts';
import type { RunRow } from '../runRow.ts';
import type { Validation } from '../snapshot.ts';
import { clockTime, type Speaker } from '../words.ts';
import type { Fact, LineView } from './statusMessages.ts';

/** Validation results of a cluster. */
export interface Validated {
  /** The newest one of Validate…. */
  readonly asked: Validation | undefined;
  /** End of the last run that validates the whole cluster before it ends; wall time, milliseconds. */
  readonly byRun: number | undefined;
}

/** Combines explicit validations with the runs, newest first. After a run that did not succeed, validity is unknown. */
export const validatedOf = (
  cluster: string,
  validations: readonly Validation[],
  runs: readonly RunRow[],
): Validated => ({
  asked: validations.filter((x) => x.cluster === cluster).toSorted((a, b) => b.at - a.at)[0],
  byRun: validRun(
    cluster,
    runs.filter((r) => r.cluster === cluster),
  )?.endedAt,
});

const validRun = (cluster: string, runs: readonly RunRow[]): RunRow | undefined => {
  const ended = runs.find((r) => r.state !== 'done' || r.verb === 'down' || validates(cluster, r));
  return ended?.state === 'done' && validates(cluster, ended) ? ended : undefined;
};

const validates = (cluster: string, r: RunRow): boolean => r.steps.some((s) => s.id === `validate:${cluster}`);

/** The line with the result of the cluster's last full validation. */
export const validationLine = (speaker: Speaker, { asked, byRun }: Validated): LineView => {
  const { t } = speaker;
  const line = (fact: Fact, details: string[] = []): LineView => ({
    icon: 'validation',
    label: t('Validation'),
    fact,
    details,
  });
  if (byRun !== undefined && byRun > (asked?.at ?? 0))
    return line({ tone: 'good', text: t('all checks passed when the run ended, at {0}', clockTime(speaker, byRun)) });
  if (asked === undefined) return line({ tone: 'quiet', text: t('not validated yet') });
  const failed = asked.checks.filter((x) => !x.ok);
  const [total, at] = [asked.checks.length, clockTime(speaker, asked.at)];
  if (failed.length === 0) return line({ tone: 'good', text: t('all {0} checks passed at {1}', total, at) });
  const details = failed.map((x) => `${checkTitle(t, x.id)}: ${x.evidence}`);
  return line({ tone: 'bad', text: t('{0} of {1} checks failed at {2}', failed.length, total, at) }, details);
};
