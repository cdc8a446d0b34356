import { openSession, type Session } from './compose.ts';
import { article, writesReport } from './cli/article.ts';
import { down, up } from './cli/create.ts';
import { drill, protect, smoke } from './cli/drill.ts';
import { emulator, ensureEmulator, folderOf } from './cli/emulator.ts';
import { leftovers, runs, status, validate } from './cli/inspect.ts';
import { kubeconfig } from './cli/kubeconfig.ts';
import { kubeDown, kubeUp } from './cli/kubeUp.ts';
import { makeHa, master, replicate } from './cli/masters.ts';
import { pool } from './cli/pools.ts';
import { resume, undo } from './cli/resume.ts';
import { printError, processTerminal, type Terminal } from './cli/terminal.ts';
import { helpText, readWords, type VerbName, type Words } from './cli/words.ts';
import { findEmulator, stopEmulator } from './emulator/process.ts';
import { fileProblem } from './lib/folder.ts';
import { OperatorError } from './lib/operatorError.ts';
import { stateFolder } from './lib/stateFolder.ts';
import manifest from '../package.json' with { type: 'json' };

type InCloud = (s: Session, t: Terminal, w: Words) => Promise<void>;

const inCloud: Readonly<Partial<Record<VerbName, InCloud>>> = {
  up,
  down,
  pool,
  replicate,
  'make-ha': makeHa,
  master,
  drill,
  smoke,
  protect,
  validate,
  status,
  leftovers,
  kubeconfig,
  resume,
  undo,
  'kube-up': kubeUp,
  'kube-down': kubeDown,
};

const perform = async (t: Terminal, words: ReturnType<typeof readWords>): Promise<void> => {
  const { verb } = words;
  if (verb === 'help') t.say(helpText());
  else if (verb === 'version') t.say(manifest.version);
  else if (verb === 'runs') runs(stateFolder(t.env), t, words);
  else if (verb === 'emulator') await emulator(t, words);
  else if (verb === 'article') await onEmulator(t, words);
  else await performInCloud(t, words, inCloud[verb]);
};

// The article is never run on Google by accident: without an endpoint it gets an emulator of its own.
const onEmulator = async (t: Terminal, words: Words): Promise<void> => {
  const given = words.text('endpoint') ?? (t.env.TRIZONE_ENDPOINT || undefined);
  if (given !== undefined) return performInCloud(t, words, article, given);
  const running = await findEmulator(folderOf(t, words));
  const { endpoint, state } = running ?? (await ensureEmulator(t, words));
  try {
    await performInCloud({ ...t, env: { ...t.env, TRIZONE_STATE: state } }, words, article, endpoint);
  } finally {
    if (running === undefined) await stopEmulator(state);
  }
};

const performInCloud = async (
  t: Terminal,
  words: Words,
  work: InCloud | undefined,
  endpoint = words.text('endpoint'),
): Promise<void> => {
  const session = await openSession({
    endpoint,
    project: words.text('project'),
    region: words.text('region'),
    env: t.env,
    onRetry: t.log,
  });
  try {
    await work?.(session, t, words);
  } finally {
    await session.close();
  }
};

const main = async (): Promise<number> => {
  const argv = process.argv.slice(2);
  const t = processTerminal(argv.includes('--json') && !writesReport(argv));
  try {
    await perform(t, readWords(argv));
    const lost = t.lost();
    if (lost !== undefined)
      throw new OperatorError('disk', `The result could not be written out: ${fileProblem(lost)}`, {
        remedy: 'What was to be done is done. Say it to a file with room, or see: trizone status',
      });
    return 0;
  } catch (error) {
    return printError(t, error);
  }
};

void main().then((code) => {
  process.exitCode = code;
});
