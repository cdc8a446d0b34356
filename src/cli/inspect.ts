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
import { forgetRun, isRunLive } from '../verbs/identity.ts';
import { textOption } from '../model/option.ts';
import { columns } from './cells.ts';
import { clusterArgument } from './clusterName.ts';
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

const showStatus = async (session: Session, terminal: Terminal, args: Arguments): Promise<void> => {
  const wanted = args.text('cluster');
  const { label } = session.world.cloud;
  const clusters = (await readStatus(session.world)).filter((c) => wanted === undefined || c.name === wanted);
  if (terminal.json) terminal.document({ cloud: label, clusters: clusters.map(clusterDocument) });
  else if (clusters.length === 0) terminal.write(`No cluster${wanted === undefined ? '' : ` ${wanted}`} in ${label}.`);
  else terminal.write(clusters.map(clusterText).join('\n\n'));
};

const checkCluster = async (session: Session, terminal: Terminal, args: Arguments): Promise<void> => {
  const name = clusterArgument(args);
  const root = await findRoot(session.world, name);
  if (root === undefined)
    throw new OperatorError('not-found', `Cluster not found in ${session.world.cloud.label}: ${name}`, {
      remedy: toRun('See', command`trizone status`),
    });
  const owner = { cluster: name, uid: root.record.uid };
  const checks = await validateRounds(session.world, owner, () => session.clock.sleep(rounds.everyMs, terminal.cancel));
  const wrong = checks.filter((c) => !c.ok);
  if (terminal.json) terminal.document({ cluster: name, valid: wrong.length === 0, checks: checks.map(checkDocument) });
  else for (const c of checks) terminal.write(`${c.ok ? green('✓') : red('✗')} ${c.id.padEnd(22)} ${c.evidence}`);
  if (wrong.length > 0)
    throw new OperatorError('kubernetes', `Cluster ${name} is not valid: ${wrong.map((c) => c.id).join(', ')}`);
  if (!terminal.json) terminal.write(`Cluster ${name} is valid (${rounds.green} rounds).`);
};

const showLeftovers = async (session: Session, terminal: Terminal): Promise<void> => {
  const found = await findLeftovers(session.world.cloud);
  const { label } = session.world.cloud;
  if (terminal.json) {
    terminal.document({ cloud: label, leftovers: found.map(leftoverDocument) });
    return;
  }
  const rows = found.map((l) => [l.kind, l.name, l.where, l.billed ? 'billed' : '', l.whose]);
  if (rows.length > 0) printTable(terminal, ['KIND', 'NAME', 'WHERE', 'COSTS', 'WHOSE'], rows);
  terminal.write(`${plural(found.length, 'leftover')} in ${label}.`);
};

const printTable = (terminal: Terminal, headings: readonly string[], rows: readonly (readonly string[])[]): void => {
  const [names = '', ...lines] = columns(headings, rows);
  terminal.write([dim(names), ...lines].join('\n'));
};

const stateOf = (folder: string, run: StoredRun): string => {
  if (run.state !== undefined) return run.state;
  try {
    return isRunLive(folder, run, wallClock) ? 'running' : 'interrupted';
  } catch (error) {
    if (OperatorError.is(error, 'disk')) return 'unknown, its lease cannot be read';
    throw error;
  }
};

const unreadText = ({ run, error: { message, remedies } }: UnreadRun): string =>
  [`${run}  ${message}`, ...remedyLines(remedies).map((line) => `  ${line}`)].join('\n');

const showRuns = (terminal: Terminal, args: Arguments): void => {
  const folder = stateFolder(terminal.env);
  checkStateFolder(folder);
  const forgotten = args.text('forget');
  if (forgotten !== undefined) {
    const journals = fileJournals(folder);
    if (forgetRun({ folder, journals, wall: wallClock }, forgotten))
      terminal.write(`Forgot run ${forgotten}. The resources it created are kept.`);
    else
      terminal.write(
        `Run has already ended (${journals.read(forgotten).state ?? ''}), nothing to forget: ${forgotten}`,
      );
  }
  listRuns(folder, terminal);
};

const listRuns = (folder: string, terminal: Terminal): void => {
  const unread: UnreadRun[] = [];
  const all = fileJournals(folder).list((run) => unread.push(run));
  if (terminal.json) {
    terminal.document({ runs: all.map((r) => runDocument(r, stateOf(folder, r))), unread: unread.map(unreadDocument) });
    return;
  }
  const rows = all.map((r) => [r.plan.run, r.plan.verb, r.plan.cluster, stateOf(folder, r), ...figures(r)]);
  if (rows.length > 0) printTable(terminal, ['RUN', 'VERB', 'CLUSTER', 'STATE', 'DONE', 'STARTED'], rows);
  for (const run of unread) terminal.write(unreadText(run));
  if (all.length + unread.length === 0) terminal.write('No runs yet.');
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
    { ...textOption('forget', 'RUN', 'stop offering to resume this run; its resources are kept'), names: 'runs' },
  ],
  run: showRuns,
};

/** Read-only commands. */
export const inspecting: readonly Command[] = [status, validate, leftovers, runs];
