import { fileJournals } from '../engine/journal.ts';
import type { StoredRun, UnreadRun } from '../engine/journalRecords.ts';
import { wallClock } from '../lib/clock.ts';
import { OperatorError } from '../lib/operatorError.ts';
import { command, toRun } from '../lib/remedy.ts';
import { checkStateFolder, stateFolder } from '../lib/stateFolder.ts';
import { plural } from '../lib/text.ts';
import type { Session } from '../compose.ts';
import { findLeftovers, findRoot } from '../steps/inventory.ts';
import { readStatus } from '../steps/status.ts';
import { rounds, validateRounds } from '../steps/validate.ts';
import { forgetRun, isLiving } from '../verbs/whom.ts';
import { text } from '../model/option.ts';
import { columns } from './cells.ts';
import { clusterOf } from './clusterName.ts';
import { listing, type Command } from './command.ts';
import {
  checkDocument,
  clusterDocument,
  leftoverDocument,
  runDocument,
  stepsDone,
  unreadDocument,
} from './documents.ts';
import { remedyLines } from './failure.ts';
import { dim, green, red } from './paint.ts';
import { clusterText } from './statusText.ts';
import type { Terminal } from './terminal.ts';
import type { Arguments } from './arguments.ts';

const showStatus = async (s: Session, t: Terminal, w: Arguments): Promise<void> => {
  const wanted = w.text('cluster');
  const { label } = s.world.cloud;
  const clusters = (await readStatus(s.world)).filter((c) => wanted === undefined || c.name === wanted);
  if (t.json) t.document({ cloud: label, clusters: clusters.map(clusterDocument) });
  else if (clusters.length === 0) t.say(`No cluster${wanted === undefined ? '' : ` ${wanted}`} in ${label}.`);
  else t.say(clusters.map(clusterText).join('\n\n'));
};

const checkCluster = async (s: Session, t: Terminal, w: Arguments): Promise<void> => {
  const name = clusterOf(w);
  const root = await findRoot(s.world, name);
  if (root === undefined)
    throw new OperatorError('not-found', `Cluster not found in ${s.world.cloud.label}: ${name}`, {
      remedy: toRun('See', command`trizone status`),
    });
  const owner = { cluster: name, uid: root.record.uid };
  const checks = await validateRounds(s.world, owner, () => s.clock.sleep(rounds.everyMs, t.cancel));
  const wrong = checks.filter((c) => !c.ok);
  if (t.json) t.document({ cluster: name, valid: wrong.length === 0, checks: checks.map(checkDocument) });
  else for (const c of checks) t.say(`${c.ok ? green('✓') : red('✗')} ${c.id.padEnd(22)} ${c.evidence}`);
  if (wrong.length > 0)
    throw new OperatorError('kubernetes', `Cluster ${name} is not valid: ${wrong.map((c) => c.id).join(', ')}`);
  if (!t.json) t.say(`Cluster ${name} is valid (${rounds.green} rounds).`);
};

const showLeftovers = async (s: Session, t: Terminal): Promise<void> => {
  const found = await findLeftovers(s.world.cloud);
  const { label } = s.world.cloud;
  if (t.json) {
    t.document({ cloud: label, leftovers: found.map(leftoverDocument) });
    return;
  }
  const rows = found.map((l) => [l.kind, l.name, l.where, l.billed ? 'billed' : '', l.whose]);
  if (rows.length > 0) sayTable(t, ['KIND', 'NAME', 'WHERE', 'COSTS', 'WHOSE'], rows);
  t.say(`${plural(found.length, 'leftover')} in ${label}.`);
};

const sayTable = (t: Terminal, headings: readonly string[], rows: readonly (readonly string[])[]): void => {
  const [names = '', ...lines] = columns(headings, rows);
  t.say([dim(names), ...lines].join('\n'));
};

const stateOf = (folder: string, run: StoredRun): string => {
  if (run.state !== undefined) return run.state;
  try {
    return isLiving(folder, run, wallClock) ? 'running' : 'interrupted';
  } catch (error) {
    if (OperatorError.is(error, 'disk')) return 'unknown, its lease cannot be read';
    throw error;
  }
};

const unreadText = ({ run, error: { message, remedies } }: UnreadRun): string =>
  [`${run}  ${message}`, ...remedyLines(remedies).map((line) => `  ${line}`)].join('\n');

const showRuns = (t: Terminal, w: Arguments): void => {
  const folder = stateFolder(t.env);
  checkStateFolder(folder);
  const forgotten = w.text('forget');
  if (forgotten !== undefined) {
    const journals = fileJournals(folder);
    if (forgetRun({ folder, journals, wall: wallClock }, forgotten))
      t.say(`Forgot run ${forgotten}. The resources it created are kept.`);
    else t.say(`Run has already ended (${journals.read(forgotten).state ?? ''}), nothing to forget: ${forgotten}`);
  }
  listRuns(folder, t);
};

const listRuns = (folder: string, t: Terminal): void => {
  const unread: UnreadRun[] = [];
  const all = fileJournals(folder).list((run) => unread.push(run));
  if (t.json) {
    t.document({ runs: all.map((r) => runDocument(r, stateOf(folder, r))), unread: unread.map(unreadDocument) });
    return;
  }
  const rows = all.map((r) => [r.plan.run, r.plan.verb, r.plan.cluster, stateOf(folder, r), ...figures(r)]);
  if (rows.length > 0) sayTable(t, ['RUN', 'VERB', 'CLUSTER', 'STATE', 'DONE', 'STARTED'], rows);
  for (const run of unread) t.say(unreadText(run));
  if (all.length + unread.length === 0) t.say('No runs yet.');
};

const figures = (r: StoredRun): string[] => [plural(stepsDone(r), 'step'), new Date(r.plan.at).toISOString()];

const status: Command = {
  words: 'status',
  group: 'Inspect',
  does: 'show the clusters in the project',
  examples: ['trizone status', 'trizone status -o json'],
  never: 'Read-only.',
  options: [listing],
  inCloud: showStatus,
};

const validate: Command = {
  words: 'validate',
  group: 'Inspect',
  does: 'check a cluster: instances, load balancer, etcd, nodes, DNS',
  examples: ['trizone validate'],
  never: 'Read-only.',
  options: [listing],
  inCloud: checkCluster,
};

const leftovers: Command = {
  words: 'leftovers',
  group: 'Inspect',
  does: 'list resources that interrupted teardowns left behind, and which are billed',
  examples: ['trizone leftovers'],
  never: 'Read-only.',
  options: [listing],
  inCloud: showLeftovers,
};

const runs: Command = {
  words: 'runs',
  group: 'Runs',
  does: 'list the runs on this computer',
  examples: ['trizone runs', 'trizone runs --forget 20261130t120000-a1b2'],
  options: [
    listing,
    { ...text('forget', 'RUN', 'stop offering to resume this run; its resources are kept'), names: 'runs' },
  ],
  run: showRuns,
};

/** Commands that look. */
export const inspecting: readonly Command[] = [status, validate, leftovers, runs];
