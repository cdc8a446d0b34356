import { openSession, type Session } from './compose.ts';
import { down, up } from './cli/create.ts';
import { emulator } from './cli/emulator.ts';
import { leftovers, runs, status, validate } from './cli/inspect.ts';
import { kubeconfig } from './cli/kubeconfig.ts';
import { kubeDown, kubeUp } from './cli/kubeUp.ts';
import { makeHa, master, replicate } from './cli/masters.ts';
import { pool } from './cli/pools.ts';
import { resume, undo } from './cli/resume.ts';
import { printError, processTerminal, type Terminal } from './cli/terminal.ts';
import { helpText, readWords, type VerbName, type Words } from './cli/words.ts';
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
  else if (verb === 'runs') runs(stateFolder(t.env), t);
  else if (verb === 'emulator') await emulator(t, words);
  else await performInCloud(t, words, inCloud[verb]);
};

const performInCloud = async (t: Terminal, words: Words, work: InCloud | undefined): Promise<void> => {
  const session = await openSession({
    endpoint: words.text('endpoint'),
    project: words.text('project'),
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
  const t = processTerminal(process.argv.includes('--json'));
  try {
    await perform(t, readWords(process.argv.slice(2)));
    return 0;
  } catch (error) {
    return printError(t, error);
  }
};

void main().then((code) => {
  process.exitCode = code;
});
