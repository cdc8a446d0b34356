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

/** How one verb is confirmed and reported. */
export interface ApplyRequest {
  readonly title: string;
  /** The confirmation to type: `yes` for verbs that add, the cluster's name for those that delete. */
  readonly answer: string;
  /** Whether flags have already confirmed it. */
  readonly agreed: boolean;
  readonly resume?: string;
}

/** The outcome, unless an error is thrown. */
export interface CommandResult {
  readonly changed: boolean;
  readonly summary: Record<string, unknown>;
  readonly probed?: Probed | undefined;
}

/** Plan, show, confirm, apply, report: the same for every verb that changes something. */
export const planAndApply = async (
  session: Session,
  terminal: Terminal,
  args: Arguments,
  prepared: Prepared,
  request: ApplyRequest,
): Promise<CommandResult> => {
  const plan = await planVerb(session, prepared, terminal.cancel);
  const cloud = session.world.cloud.label;
  const summary = planJson(plan, prepared, cloud);
  terminal.write(planText({ plan, prepared, title: request.title, cloud, details: args.flag('details') }));
  const refusal = plan.refusals[0];
  if (refusal !== undefined) throw refusal;
  if (args.flag('plan') || hasNothingToDo(plan, prepared, request.resume)) return { changed: false, summary };
  if (
    plan.changes.length > 0 &&
    !request.agreed &&
    !(await terminal.confirm(`\nType ${request.answer} to confirm:`, request.answer))
  )
    throw notAgreed(terminal, args, prepared, request);
  const { probed, ...told } = await run(session, terminal, args, prepared, request, plan);
  return { changed: true, summary: { ...summary, ...told, ...(probed === undefined ? {} : { probed }) }, probed };
};

const notAgreed = (terminal: Terminal, args: Arguments, prepared: Prepared, request: ApplyRequest): OperatorError => {
  const flag = prepared.verb === 'down' && args.verb !== 'kube-down' ? `--yes-delete ${request.answer}` : '--yes';
  return terminal.live
    ? new OperatorError('cancelled', 'Not confirmed. Nothing was changed')
    : new OperatorError('invalid-input', `Cannot ask for confirmation without a terminal. Nothing was changed`, {
        remedy: `Pass ${flag} to apply the plan, or --plan to only show it.`,
      });
};

// The cluster has changed between plan and confirmation. Flags confirm only what was shown, nothing more.
const askAgain = async (terminal: Terminal, request: ApplyRequest, difference: PlanDifference): Promise<boolean> => {
  terminal.write(`\nThe cluster has changed since this plan was made. Differences:\n${differenceText(difference)}`);
  return request.agreed
    ? !doesMore(difference)
    : terminal.confirm(`\nType ${request.answer} to proceed anyway:`, request.answer);
};

const run = async (
  session: Session,
  terminal: Terminal,
  args: Arguments,
  prepared: Prepared,
  request: ApplyRequest,
  plan: CloudPlan,
): Promise<Record<string, unknown> & { readonly probed: Probed | undefined }> => {
  const progress = new Progress(terminal, { title: request.title, plan, verbose: args.flag('verbose') }, session);
  const listen: Listen = (event) => {
    if (event.type === 'planned') terminal.atQuit(() => quitWords(session.journals.read(event.run)));
    progress.listen(event);
  };
  const options = { listen, cancel: terminal.cancel, takeOver: args.flag('take-over'), probe: true };
  const differs = (d: PlanDifference): Promise<boolean> => askAgain(terminal, request, d);
  const result = await applyVerb(session, prepared, plan, {
    ...options,
    differs,
    ...(request.resume && { resume: request.resume }),
  }).finally(() => progress.end());
  if (result.probed !== undefined) terminal.log(`API during the run: ${probedWords(result.probed)}`);
  const took = `${duration(result.ms)}, critical path ${duration(result.critical.length)}`;
  if (result.error !== undefined) {
    terminal.log(
      `Run ${result.run} stopped after ${took}. To resume: trizone resume ${result.run}${prepared.adds ? `   To undo: trizone undo ${result.run}` : ''}`,
    );
    throw result.error;
  }
  const chain =
    terminal.screen === undefined || args.flag('verbose') ? ` Critical path: ${result.critical.ids.join(' > ')}` : '';
  terminal.log(`Done in ${took}.${chain}`);
  return {
    run: result.run,
    state: result.state,
    seconds: Math.round(result.ms / 1000),
    criticalPath: result.critical.ids,
    probed: result.probed,
  };
};
