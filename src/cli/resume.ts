import type { StoredRun } from '../engine/journal.ts';
import { invalid, OperatorError } from '../lib/operatorError.ts';
import type { Session } from '../compose.ts';
import { prepareAgain, prepareUndo } from '../workflows/verbs.ts';
import { isUndoable } from '../model/verbs.ts';
import { carryOut } from './apply.ts';
import { mergeKubeconfig } from './kubeconfig.ts';
import type { Terminal } from './terminal.ts';
import type { Words } from './words.ts';

const pick = (s: Session, w: Words, what: string, fits: (r: StoredRun) => boolean): StoredRun => {
  const all = s.journals.list().filter((r) => r.plan.project === s.world.cloud.project);
  const [wanted] = w.rest;
  const found = wanted === undefined ? all.find((r) => !r.readOnly && fits(r)) : s.journals.read(wanted);
  if (found === undefined) throw new OperatorError('not-found', `No run to ${what}`, { remedy: 'See: trizone runs' });
  const { run, verb, project } = found.plan;
  if (project !== s.world.cloud.project)
    throw invalid(`The run is of another project, ${project}: ${run}`, `Say --project ${project}.`);
  if (!fits(found))
    throw new OperatorError(
      'refused',
      `That run cannot be taken for ${what}: ${run} (${verb}, ${found.state ?? 'interrupted'})`,
      { remedy: 'See: trizone runs' },
    );
  return found;
};

/** `trizone resume`: the newest run that did not end well, or the named one. */
export const resume = async (s: Session, t: Terminal, w: Words): Promise<void> => {
  const run = pick(s, w, 'resume', (r) => r.state !== 'done' && r.state !== 'undone');
  const options = { ids: s.ids, takeOver: w.flag('take-over') };
  const prepared = await prepareAgain(s.world, run.plan, options, s.journals.list());
  if (prepared === undefined) {
    t.say(`Nothing is left to do for ${run.plan.run}.`);
    return;
  }
  const title = `Go on with ${run.plan.verb} of ${run.plan.cluster} (${run.plan.run})`;
  const answer = run.plan.verb === 'down' || run.plan.verb === 'undo' ? run.plan.cluster : 'yes';
  const done = await carryOut(s, t, w, prepared, { title, answer, agreed: w.flag('yes'), resume: run.plan.run });
  if (t.json) t.document(done.summary);
  if (run.plan.kubeUp === true && !w.flag('plan')) await mergeKubeconfig(s, t, run.plan.cluster, true);
};

/** `trizone undo`: what a run made, taken back by a plan of its own. */
export const undo = async (s: Session, t: Terminal, w: Words): Promise<void> => {
  const run = pick(s, w, 'undo', (r) => isUndoable(r.plan.verb) && r.state !== 'undone');
  const title = `Take back what ${run.plan.run} made of ${run.plan.cluster}`;
  const done = await carryOut(s, t, w, await prepareUndo(s.world, run, { ids: s.ids, takeOver: w.flag('take-over') }), {
    title,
    answer: run.plan.cluster,
    agreed: w.flag('yes'),
  });
  if (t.json) t.document(done.summary);
};
