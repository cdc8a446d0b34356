import { isOpen, type StoredRun } from '../engine/journalRecords.ts';
import { OperatorError } from '../lib/operatorError.ts';
import { command, toRun } from '../lib/remedy.ts';
import type { Session } from '../compose.ts';
import { text } from '../model/option.ts';
import { isUndoable, prepareAgain, undo as undoVerb } from '../verbs/registry.ts';
import { carryOut } from './apply.ts';
import { applying, type Command } from './command.ts';
import { agreedToDelete, prepareAndRun } from './verbs.ts';
import { mergeKubeconfig } from './kubeconfig.ts';
import type { Terminal } from './terminal.ts';
import type { Arguments } from './arguments.ts';

// Of those that can be read; a word tells of the others.
const ofCloud = (s: Session, t: Terminal): StoredRun[] =>
  s.journals
    .list(({ error }) => t.log(`Skipped: ${error.message}`))
    .filter((r) => r.plan.cloud === s.world.cloud.id && r.plan.project === s.world.cloud.project);

const words = ({ plan, state }: StoredRun): string =>
  `${plan.run} (${plan.verb} on ${plan.cluster}, ${state ?? 'interrupted'})`;

const unfit = (what: string, r: StoredRun): OperatorError =>
  new OperatorError('refused', `Cannot ${what} this run: ${words(r)}`, {
    remedy: isOpen(r)
      ? toRun('To resume it', command`trizone resume ${r.plan.run}`)
      : toRun('See', command`trizone runs`),
  });

const none = (what: string): OperatorError =>
  new OperatorError('not-found', `No run to ${what}`, { remedy: toRun('See', command`trizone runs`) });

const toResume = (s: Session, t: Terminal, w: Arguments): StoredRun => {
  const [wanted] = w.rest;
  const found = wanted === undefined ? ofCloud(s, t).find((r) => !r.readOnly && isOpen(r)) : s.journals.read(wanted);
  if (found === undefined) throw none('resume');
  if (!isOpen(found)) throw unfit('resume', found);
  return found;
};

const mayUndo = (r: StoredRun): boolean =>
  isUndoable(r.plan.verb) && !['undone', 'closed'].includes(r.state ?? '') && !r.readOnly;

// Once another run has worked on a cluster, the undo of its create is refused.
const isLast = (r: StoredRun, all: readonly StoredRun[]): boolean =>
  r.plan.verb !== 'up' || all.find((other) => other.plan.uid === r.plan.uid) === r;

// Without a name it is the last run or none: an older one would be a guess.
const toUndo = (s: Session, t: Terminal, w: Arguments): StoredRun => {
  const [wanted] = w.rest;
  const all = wanted === undefined ? ofCloud(s, t) : [];
  const found = wanted === undefined ? all[0] : s.journals.read(wanted);
  if (found === undefined) throw none('undo');
  if (mayUndo(found)) return found;
  const other = all.find((r) => mayUndo(r) && isLast(r, all));
  if (other === undefined) throw unfit('undo', found);
  throw new OperatorError('refused', `The last run cannot be undone: ${words(found)}`, {
    remedy: toRun(`To undo an older run, ${words(other)}`, command`trizone undo ${other.plan.run}`),
  });
};

const continueRun = async (s: Session, t: Terminal, w: Arguments): Promise<void> => {
  const run = toResume(s, t, w);
  const { verb, cluster, run: name, kubeUp } = run.plan;
  const options = { ids: s.ids, takeOver: w.flag('take-over') };
  const prepared = await prepareAgain(s.world, run.plan, options, s.journals.list());
  if (prepared === undefined) {
    if (!w.flag('plan')) s.journals.open(name).append({ type: 'ended', state: 'done', at: s.wall.now() });
    t.say(`Nothing left to do for run ${name}.`);
    if (t.json) t.document({ verb, cluster, changes: [] });
    return;
  }
  const title = `Resume ${verb} on ${cluster} (${name})`;
  const removes = verb === 'down' || verb === 'undo';
  const agreed = verb === 'down' ? agreedToDelete(w, cluster) : w.flag('yes');
  const asked = { title, answer: removes ? cluster : 'yes', agreed, resume: name };
  const done = await carryOut(s, t, w, prepared, asked);
  if (t.json) t.document(done.summary);
  if (kubeUp === true && !w.flag('plan')) await mergeKubeconfig(s, t, cluster, true);
};

/** The newest run that did not end well, or the named one. */
export const resume: Command = {
  words: 'resume',
  group: 'Runs',
  does: 'continue an interrupted run',
  examples: ['trizone resume', 'trizone resume 20261130t120000-a1b2 --plan'],
  never: 'Never repeats completed work: every request keeps its ID.',
  rest: { value: '[RUN]', names: 'runs' },
  options: [...applying, text('yes-delete', 'NAME', 'resume a teardown without asking; NAME is the cluster')],
  inCloud: continueRun,
};

/** What a run made, taken back by a plan of its own. */
export const undo: Command = {
  words: 'undo',
  group: 'Runs',
  does: 'undo what a run created',
  examples: ['trizone undo', 'trizone undo 20261130t120000-a1b2 --plan'],
  never: "Never undoes another run's changes, and cannot restore what was deleted.",
  rest: { value: '[RUN]', names: 'runs' },
  options: applying,
  inCloud: async (s, t, w) => {
    const run = toUndo(s, t, w);
    await prepareAndRun(s, t, w, { verb: undoVerb, request: { run }, answer: run.plan.cluster });
  },
};
