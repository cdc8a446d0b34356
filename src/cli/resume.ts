import { isOpen, type StoredRun } from '../engine/journalRecords.ts';
import { OperatorError } from '../lib/operatorError.ts';
import { command, toRun } from '../lib/remedy.ts';
import type { Session } from '../compose.ts';
import { textOption } from '../model/option.ts';
import { isUndoable, prepareAgain, undo as undoVerb } from '../verbs/registry.ts';
import { planAndApply } from './apply.ts';
import { applying, type Command } from './command.ts';
import { agreedToDelete, prepareAndRun } from './verbs.ts';
import { mergeOwnKubeconfig } from './kubeconfig.ts';
import type { Terminal } from './terminal.ts';
import type { Arguments } from './arguments.ts';

// Readable runs only; a message reports the others.
const ofCloud = (session: Session, terminal: Terminal): StoredRun[] =>
  session.journals
    .list(({ error }) => terminal.log(`Skipped: ${error.message}`))
    .filter((r) => r.plan.cloud === session.world.cloud.id && r.plan.project === session.world.cloud.project);

const words = ({ plan, state }: StoredRun): string =>
  `${plan.run} (${plan.verb} on ${plan.cluster}, ${state ?? 'interrupted'})`;

const unfit = (what: string, run: StoredRun): OperatorError =>
  new OperatorError('refused', `Cannot ${what} this run: ${words(run)}`, {
    remedy: isOpen(run)
      ? toRun('To resume it', command`trizone resume ${run.plan.run}`)
      : toRun('See', command`trizone runs`),
  });

const none = (what: string): OperatorError =>
  new OperatorError('not-found', `No run to ${what}`, { remedy: toRun('See', command`trizone runs`) });

const toResume = (session: Session, terminal: Terminal, args: Arguments): StoredRun => {
  const [wanted] = args.rest;
  const found =
    wanted === undefined
      ? ofCloud(session, terminal).find((r) => !r.readOnly && isOpen(r))
      : session.journals.read(wanted);
  if (found === undefined) throw none('resume');
  if (!isOpen(found)) throw unfit('resume', found);
  return found;
};

const mayUndo = (run: StoredRun): boolean =>
  isUndoable(run.plan.verb) && !['undone', 'closed'].includes(run.state ?? '') && !run.readOnly;

// Once another run has changed a cluster, the undo of its create is refused.
const isLast = (run: StoredRun, all: readonly StoredRun[]): boolean =>
  run.plan.verb !== 'up' || all.find((other) => other.plan.uid === run.plan.uid) === run;

// Without a name, only the latest run qualifies: an older one would be a guess.
const toUndo = (session: Session, terminal: Terminal, args: Arguments): StoredRun => {
  const [wanted] = args.rest;
  const all = wanted === undefined ? ofCloud(session, terminal) : [];
  const found = wanted === undefined ? all[0] : session.journals.read(wanted);
  if (found === undefined) throw none('undo');
  if (mayUndo(found)) return found;
  const other = all.find((r) => mayUndo(r) && isLast(r, all));
  if (other === undefined) throw unfit('undo', found);
  throw new OperatorError('refused', `The last run cannot be undone: ${words(found)}`, {
    remedy: toRun(`To undo an older run, ${words(other)}`, command`trizone undo ${other.plan.run}`),
  });
};

const continueRun = async (session: Session, terminal: Terminal, args: Arguments): Promise<void> => {
  const run = toResume(session, terminal, args);
  const { verb, cluster, run: name, kubeUp } = run.plan;
  const options = { ids: session.ids, takeOver: args.flag('take-over') };
  const prepared = await prepareAgain(session.world, run.plan, options, session.journals.list());
  if (prepared === undefined) {
    if (!args.flag('plan'))
      session.journals.open(name).append({ type: 'ended', state: 'done', at: session.wall.now() });
    terminal.write(`Nothing left to do for run ${name}.`);
    if (terminal.json) terminal.document({ verb, cluster, changes: [] });
    return;
  }
  const title = `Resume ${verb} on ${cluster} (${name})`;
  const removes = verb === 'down' || verb === 'undo';
  const agreed = verb === 'down' ? agreedToDelete(args, cluster) : args.flag('yes');
  const asked = { title, answer: removes ? cluster : 'yes', agreed, resume: name };
  const done = await planAndApply(session, terminal, args, prepared, asked);
  if (terminal.json) terminal.document(done.summary);
  if (kubeUp === true && !args.flag('plan')) await mergeOwnKubeconfig(session, terminal, cluster, true);
};

/** Resumes the newest unfinished run, or the named one. */
export const resume: Command = {
  words: 'resume',
  group: 'Runs',
  does: 'continue an interrupted run',
  examples: ['trizone resume', 'trizone resume 20261130t120000-a1b2 --plan'],
  never: 'Never repeats completed work: every request keeps its ID.',
  rest: { value: '[RUN]', names: 'runs' },
  options: [...applying, textOption('yes-delete', 'NAME', 'resume a teardown without asking; NAME is the cluster')],
  inCloud: continueRun,
};

/** Undoes what a run created, with a plan of its own. */
export const undoCommand: Command = {
  words: 'undo',
  group: 'Runs',
  does: 'undo what a run created',
  examples: ['trizone undo', 'trizone undo 20261130t120000-a1b2 --plan'],
  never: "Never undoes another run's changes, and cannot restore what was deleted.",
  rest: { value: '[RUN]', names: 'runs' },
  options: applying,
  inCloud: async (session, terminal, args) => {
    const run = toUndo(session, terminal, args);
    await prepareAndRun(session, terminal, args, { verb: undoVerb, request: { run }, answer: run.plan.cluster });
  },
};
