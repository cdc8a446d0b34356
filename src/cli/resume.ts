import { isOpen, type StoredRun } from '../engine/journal.ts';
import { OperatorError } from '../lib/operatorError.ts';
import type { Session } from '../compose.ts';
import { prepareAgain, prepareUndo } from '../workflows/verbs.ts';
import { isUndoable } from '../model/verbs.ts';
import { carryOut } from './apply.ts';
import { agreedToDelete } from './create.ts';
import { mergeKubeconfig } from './kubeconfig.ts';
import type { Terminal } from './terminal.ts';
import type { Words } from './words.ts';

// Of those that can be read; a word tells of the others.
const ofCloud = (s: Session, t: Terminal): StoredRun[] =>
  s.journals
    .list(({ error }) => t.log(`Passed over: ${error.message}`))
    .filter((r) => r.plan.cloud === s.world.cloud.id && r.plan.project === s.world.cloud.project);

const words = ({ plan, state }: StoredRun): string =>
  `${plan.run} (${plan.verb} of ${plan.cluster}, ${state ?? 'interrupted'})`;

const unfit = (what: string, r: StoredRun): OperatorError =>
  new OperatorError('refused', `That run cannot be taken for ${what}: ${words(r)}`, {
    remedy: isOpen(r) ? `Go on with it: trizone resume ${r.plan.run}` : 'See: trizone runs',
  });

const none = (what: string): OperatorError =>
  new OperatorError('not-found', `No run to ${what}`, { remedy: 'See: trizone runs' });

const toResume = (s: Session, t: Terminal, w: Words): StoredRun => {
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
const toUndo = (s: Session, t: Terminal, w: Words): StoredRun => {
  const [wanted] = w.rest;
  const all = wanted === undefined ? ofCloud(s, t) : [];
  const found = wanted === undefined ? all[0] : s.journals.read(wanted);
  if (found === undefined) throw none('undo');
  if (mayUndo(found)) return found;
  const other = all.find((r) => mayUndo(r) && isLast(r, all));
  if (other === undefined) throw unfit('undo', found);
  throw new OperatorError('refused', `The last run cannot be undone: ${words(found)}`, {
    remedy: `An older one can, ${words(other)}: trizone undo ${other.plan.run}`,
  });
};

/** `trizone resume`: the newest run that did not end well, or the named one. */
export const resume = async (s: Session, t: Terminal, w: Words): Promise<void> => {
  const run = toResume(s, t, w);
  const { verb, cluster, run: name, kubeUp } = run.plan;
  const options = { ids: s.ids, takeOver: w.flag('take-over') };
  const prepared = await prepareAgain(s.world, run.plan, options, s.journals.list());
  if (prepared === undefined) {
    if (!w.flag('plan')) s.journals.open(name).append({ type: 'ended', state: 'done', at: s.wall.now() });
    t.say(`Nothing is left to do for ${name}: it is over.`);
    if (t.json) t.document({ verb, cluster, changes: [] });
    return;
  }
  const title = `Go on with ${verb} of ${cluster} (${name})`;
  const removes = verb === 'down' || verb === 'undo';
  const agreed = verb === 'down' ? agreedToDelete(w, cluster) : w.flag('yes');
  const asked = { title, answer: removes ? cluster : 'yes', agreed, resume: name };
  const done = await carryOut(s, t, w, prepared, asked);
  if (t.json) t.document(done.summary);
  if (kubeUp === true && !w.flag('plan')) await mergeKubeconfig(s, t, cluster, true);
};

/** `trizone undo`: what a run made, taken back by a plan of its own. */
export const undo = async (s: Session, t: Terminal, w: Words): Promise<void> => {
  const run = toUndo(s, t, w);
  const title = `Take back what ${run.plan.run} made of ${run.plan.cluster}`;
  const prepared = await prepareUndo(s.world, run, { ids: s.ids, takeOver: w.flag('take-over') });
  const done = await carryOut(s, t, w, prepared, { title, answer: run.plan.cluster, agreed: w.flag('yes') });
  if (t.json) t.document(done.summary);
};
