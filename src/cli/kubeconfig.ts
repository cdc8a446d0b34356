import type { Session } from '../compose.ts';
import { invalid, OperatorError } from '../lib/operatorError.ts';
import { command, toRun } from '../lib/remedy.ts';
import { secret, streamNumber, writePersonFile, writeStream } from '../lib/personFile.ts';
import { shellWord } from '../lib/shellWord.ts';
import { names } from '../model/names.ts';
import { changeKubeconfigFile, mergeEntries, removeFromKubeconfigFile } from '../kube/kubeconfig.ts';
import { ownKubeconfig } from '../kube/ownFile.ts';
import { booleanOption, textOption } from '../model/option.ts';
import { clusterArgument } from './clusterName.ts';
import type { Command } from './command.ts';
import type { Terminal } from './terminal.ts';
import type { Arguments } from './arguments.ts';

const getKubeconfig = async (session: Session, terminal: Terminal, args: Arguments): Promise<void> => {
  const name = clusterArgument(args);
  const file = args.text('file') ?? args.text('output');
  if (file !== undefined && args.flag('merge'))
    throw invalid('--file and --merge cannot be used together', 'Use one of them.');
  if (args.flag('merge')) {
    await mergeOwnKubeconfig(session, terminal, name, false);
    return;
  }
  const text = await adminKubeconfig(session, name);
  const stream = file === undefined ? 1 : streamNumber(file);
  if (stream === 1) terminal.out(text);
  else if (file !== undefined) put(terminal, name, file, text, stream);
};

// When writing to a stream, print nothing else: it may be the same one.
const put = (terminal: Terminal, name: string, file: string, text: string, stream: number | undefined): void => {
  const remedy = 'Choose a file in a folder that you can write to.';
  if (stream !== undefined) {
    writeStream(file, stream, text, remedy);
    return;
  }
  writePersonFile('', file, text, secret, remedy);
  if (terminal.json) terminal.document({ cluster: name, file });
  terminal.write(`Wrote ${file}   To use it, run: kubectl --kubeconfig ${shellWord(file)} get nodes`);
};

/**
 * Writes a kubeconfig to a stream or a separate file (0600), or merges it into the user's own without switching the
 * context.
 */
export const kubeconfigCommand: Command = {
  words: 'kubeconfig',
  group: 'Inspect',
  does: 'get a kubeconfig for kubectl',
  examples: ['trizone kubeconfig --merge', 'trizone kubeconfig --file admin.conf', 'trizone kubeconfig > admin.conf'],
  never: 'Never switches the current context and never replaces entries that it did not write.',
  options: [
    { ...textOption('file', 'FILE', 'write it to a file that only you can read', 'stdout'), names: 'files' },
    { ...textOption('output', 'FILE', 'former name of --file'), short: 'o', names: 'files' },
    booleanOption('merge', 'merge it into your own kubeconfig'),
  ],
  inCloud: getKubeconfig,
};

const adminKubeconfig = async (session: Session, name: string): Promise<string> => {
  const text = await session.kubeconfig(names(name).secrets.admin);
  if (text !== undefined) return text;
  throw new OperatorError(
    'not-found',
    `Cluster ${name} in ${session.world.cloud.label} has not published a kubeconfig`,
    {
      remedy: [toRun('See', command`trizone status`), { text: 'If the first master is still booting, wait for it.' }],
    },
  );
};

/** kube-up's context name: PROJECT_P (its util.sh writes `${PROJECT}_${INSTANCE_PREFIX}`). */
const contextName = (s: Session, cluster: string): string => `${s.world.cloud.project}_${cluster}`;

/** Merges the cluster into the user's kubeconfig; `current` also makes it the current context. */
export const mergeOwnKubeconfig = async (
  session: Session,
  terminal: Terminal,
  cluster: string,
  current: boolean,
): Promise<void> => {
  const text = await adminKubeconfig(session, cluster);
  const context = contextName(session, cluster);
  const file = ownKubeconfig(terminal.env);
  changeKubeconfigFile(file, (own) => mergeEntries(own, text, context, current));
  terminal.log(`Merged context ${context} into ${file}${current ? ' and made it the current context' : ''}.`);
};

/** Removes the cluster from the user's kubeconfig. */
export const unmergeOwnKubeconfig = (session: Session, terminal: Terminal, cluster: string): void => {
  const file = ownKubeconfig(terminal.env);
  const context = contextName(session, cluster);
  if (removeFromKubeconfigFile(file, context)) terminal.log(`Removed context ${context} from ${file}.`);
};
