import { message, type Message } from '../lib/message.ts';
import type { planJson } from '../operate/planText.ts';
import { translated, type Translate } from './translate.ts';
import { timeWord } from './words.ts';

type PlanJson = ReturnType<typeof planJson>;
type Change = PlanJson['changes'][number];

/** Display options of a plan: its title, whether its time is an emulator's, and the titles of its steps by ID. */
export interface PlanDocumentOptions {
  readonly title: string;
  readonly simulated: boolean;
  readonly steps: ReadonlyMap<string, Message>;
}

/** The plan as a document: changes by effect, risk, costs, API access, and the equivalent gcloud commands. */
export const planDocument = (
  plan: PlanJson,
  { title, simulated, steps }: PlanDocumentOptions,
  t: Translate,
): string => {
  const groups: [string, Change['do']][] = [
    [t('Create'), 'create'],
    [t('Change'), 'update'],
    [t('Delete'), 'delete'],
    [t('Wait for'), 'wait'],
  ];
  return [
    `# ${title}`,
    '',
    t('Target: {0}.', plan.cloud),
    '',
    planSummary(plan, simulated, t),
    ...(plan.warnings ?? []).flatMap((w) => ['', `> ⚠ ${w}`]),
    ...groups.flatMap(([name, effect]) =>
      group(
        name,
        plan.changes.filter((c) => c.do === effect),
        (c) => row(c, steps.get(c.step) ?? message(c.title), t),
      ),
    ),
    '',
  ].join('\n');
};

/** The plan's outcome, one sentence each: size, duration, how to undo it. */
export const planSummary = (plan: PlanJson, simulated: boolean, t: Translate): string => {
  const expected = timeWord(t, plan.expectedSeconds * 1000);
  const count = (effect: string): number => plan.changes.filter((c) => c.do === effect).length;
  const billed = plan.changes.filter((c) => c.risk === 'billing' && c.do === 'create').length;
  return [
    t('{0} to create, {1} to change, {2} to delete.', count('create'), count('update'), count('delete')),
    ...(billed === 0 ? [] : [t('{0} of them are billed while they exist.', billed)]),
    simulated ? t('Estimated time: about {0} (simulated).', expected) : t('Estimated time: about {0}.', expected),
    wayBack(plan.undoable, count('delete') > 0, t),
  ].join(' ');
};

const wayBack = (undoable: boolean, deletes: boolean, t: Translate): string => {
  if (deletes) return t('Deleted resources cannot be restored. You can cancel and resume the run, but not undo it.');
  return undoable ? t('You can cancel, resume, and undo the run.') : t('You can cancel and resume the run.');
};

const group = (name: string, changes: readonly Change[], lines: (c: Change) => string[]): string[] =>
  changes.length === 0 ? [] : ['', `## ${name} (${changes.length})`, '', ...changes.flatMap(lines)];

const row = (change: Change, title: Message, t: Translate): string[] => {
  const detail = change.detail ? `: ${change.detail}` : '';
  const risk = change.risk === undefined ? '' : ` [${riskWord(t, change.risk)}]`;
  const line = `- ${translated(t, title)}${detail}${risk}`;
  return change.gcloud === undefined ? [line] : [line, '', `      ${change.gcloud}`, ''];
};

const riskWord = (t: Translate, risk: string): string =>
  (
    ({
      billing: t('billed'),
      quorum: t('risk: quorum'),
      endpoint: t('risk: endpoint'),
      data: t('risk: data'),
    }) as Readonly<Record<string, string>>
  )[risk] ?? risk;
