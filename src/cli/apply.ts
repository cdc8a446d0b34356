import { OperatorError } from '../lib/operatorError.ts';
import type { Listen } from '../engine/events.ts';
import type { Session } from '../compose.ts';
import { applyVerb } from '../operate/operate.ts';
import { hasNothingToDo, planVerb, type CloudPlan } from '../operate/operator.ts';
import { duration, planJson } from '../operate/planText.ts';
import { differenceText, doesMore, type PlanDifference } from '../operate/planDifference.ts';
import type { Prepared } from '../verbs/prepared.ts';
import { probedWords, type Probed } from '../model/probed.ts';
import { planText } from './planText.ts';
import { Progress } from './progress.ts';
import { quitWords } from './quit.ts';
import type { Terminal } from './terminal.ts';
import type { Arguments } from './arguments.ts';

/** How one verb is asked for and reported. */
export interface Asked {
  readonly title: string;
  /** The answer that a person has to type; `yes` for verbs that add, the cluster's name for those that delete. */
  readonly answer: string;
  /** Whether the flags have answered already. */
  readonly agreed: boolean;
  readonly resume?: string;
}

/** How it ended; thrown errors aside. */
export interface Applied {
  readonly changed: boolean;
  readonly summary: Record<string, unknown>;
  readonly probed?: Probed | undefined;
}

/** Plan, show, ask, apply, report: the same for every verb that changes something. */
export const carryOut = async (s: Session, t: Terminal, w: Arguments, p: Prepared, a: Asked): Promise<Applied> => {
  const plan = await planVerb(s, p, t.cancel);
  const cloud = s.world.cloud.label;
  const summary = planJson(plan, p, cloud);
  t.say(planText({ plan, prepared: p, title: a.title, cloud, details: w.flag('details') }));
  const refusal = plan.refusals[0];
  if (refusal !== undefined) throw refusal;
  if (w.flag('plan') || hasNothingToDo(plan, p, a.resume)) return { changed: false, summary };
  if (plan.changes.length > 0 && !a.agreed && !(await t.confirm(`\nType ${a.answer} to confirm:`, a.answer)))
    throw notAgreed(t, w, p, a);
  const { probed, ...told } = await run(s, t, w, p, a, plan);
  return { changed: true, summary: { ...summary, ...told, ...(probed === undefined ? {} : { probed }) }, probed };
};

const notAgreed = (t: Terminal, w: Arguments, p: Prepared, a: Asked): OperatorError => {
  const flag = p.verb === 'down' && w.verb !== 'kube-down' ? `--yes-delete ${a.answer}` : '--yes';
  return t.live
    ? new OperatorError('cancelled', 'Not confirmed. Nothing was changed')
    : new OperatorError('invalid-input', `Cannot ask for confirmation without a terminal. Nothing was changed`, {
        remedy: `Pass ${flag} to apply the plan, or --plan to only show it.`,
      });
};

// Somebody worked on the cluster between the plan and the yes. Flags have agreed to what was shown, and to nothing more.
const askAgain = async (t: Terminal, a: Asked, d: PlanDifference): Promise<boolean> => {
  t.say(`\nThe cluster has changed since this plan was made. Differences:\n${differenceText(d)}`);
  return a.agreed ? !doesMore(d) : t.confirm(`\nType ${a.answer} to proceed anyway:`, a.answer);
};

const run = async (
  s: Session,
  t: Terminal,
  w: Arguments,
  p: Prepared,
  a: Asked,
  plan: CloudPlan,
): Promise<Record<string, unknown> & { readonly probed: Probed | undefined }> => {
  const progress = new Progress(t, { title: a.title, plan, verbose: w.flag('verbose') }, s);
  const listen: Listen = (e) => {
    if (e.type === 'planned') t.atQuit(() => quitWords(s.journals.read(e.run)));
    progress.listen(e);
  };
  const options = { listen, cancel: t.cancel, takeOver: w.flag('take-over'), probe: true };
  const differs = (d: PlanDifference): Promise<boolean> => askAgain(t, a, d);
  const result = await applyVerb(s, p, plan, { ...options, differs, ...(a.resume && { resume: a.resume }) }).finally(
    () => progress.end(),
  );
  if (result.probed !== undefined) t.log(`API during the run: ${probedWords(result.probed)}`);
  const took = `${duration(result.ms)}, critical path ${duration(result.critical.length)}`;
  if (result.error !== undefined) {
    t.log(
      `Run ${result.run} stopped after ${took}. To resume: trizone resume ${result.run}${p.adds ? `   To undo: trizone undo ${result.run}` : ''}`,
    );
    throw result.error;
  }
  const chain = t.screen === undefined || w.flag('verbose') ? ` Critical path: ${result.critical.ids.join(' > ')}` : '';
  t.log(`Done in ${took}.${chain}`);
  return {
    run: result.run,
    state: result.state,
    seconds: Math.round(result.ms / 1000),
    criticalPath: result.critical.ids,
    probed: result.probed,
  };
};
