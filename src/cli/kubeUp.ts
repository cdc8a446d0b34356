import type { Session } from '../compose.ts';
import { readKubeDown, readKubeUp, type Note } from '../model/kubeUp.ts';
import { kubeUpLines } from '../model/kubeUpExport.ts';
import { checkName } from '../model/names.ts';
import { mastersOf, readExisting } from '../steps/existing.ts';
import { readStatus } from '../steps/status.ts';
import { decideKubeDown } from '../verbs/kubeDown.ts';
import { kubeDownAsks, kubeUpAsks, type VerbRequest } from '../verbs/kubeRequests.ts';
import { verbNamed } from '../verbs/registry.ts';
import { booleanOption } from '../model/option.ts';
import { clusterArgument } from './clusterName.ts';
import { applying, type Command } from './command.ts';
import { mergeOwnKubeconfig, unmergeOwnKubeconfig } from './kubeconfig.ts';
import type { Terminal } from './terminal.ts';
import { prepareAndRun, type VerbCommand } from './verbs.ts';
import type { Arguments } from './arguments.ts';

const printNotes = (terminal: Terminal, notes: readonly Note[]): void => {
  for (const n of notes) terminal.log(`${n.name} has no effect: ${n.reason}`);
};

// Like the script, it writes the context PROJECT_P and makes it current.
const runKubeUp = async (session: Session, terminal: Terminal, args: Arguments): Promise<void> => {
  if (args.flag('export')) return exportLines(session, terminal, args);
  const asked = readKubeUp(terminal.env);
  printNotes(terminal, asked.notes);
  const cluster = asked.request.name ?? 'kubernetes';
  if (await prepareAndRun(session, terminal, args, { ...asking(kubeUpAsks(asked)), kubeUp: true }))
    await mergeOwnKubeconfig(session, terminal, cluster, true);
};

const asking = ({ verb, request }: VerbRequest): VerbCommand => ({ verb: verbNamed(verb), request });

// A shell script: `trizone kube-up` instead of the bare word makes it executable.
const exportLines = async (session: Session, terminal: Terminal, args: Arguments): Promise<void> => {
  const x = await readExisting(session.world, clusterArgument(args));
  const lines = kubeUpLines(x.cluster, mastersOf(x.has)).map((line) =>
    line.replace(/ kube-up$/, ' trizone kube-up --yes'),
  );
  for (const line of lines) terminal.write(line);
  if (terminal.json) terminal.document({ cluster: x.cluster.name, lines });
};

const runKubeDown = async (session: Session, terminal: Terminal, args: Arguments): Promise<void> => {
  const asked = readKubeDown(terminal.env);
  checkName('Cluster', asked.cluster);
  printNotes(terminal, asked.notes);
  const cluster = (await readStatus(session.world)).find((c) => c.name === asked.cluster);
  const what = decideKubeDown(asked, cluster);
  if (what.do === 'nothing') {
    terminal.write(what.why);
    if (terminal.json) terminal.document({ verb: 'down', cluster: asked.cluster, changes: [] });
    return;
  }
  if (what.do !== 'tearDown') terminal.log(what.note);
  const ended = await prepareAndRun(session, terminal, args, {
    ...asking(kubeDownAsks(what, asked)),
    agreed: args.flag('yes'),
  });
  if (ended && what.do === 'tearDown') unmergeOwnKubeconfig(session, terminal, asked.cluster);
};

/** Drop-in replacement for kube-up.sh. */
export const kubeUp: Command = {
  words: 'kube-up',
  group: 'Article scripts',
  does: "run the article's kube-up.sh, using its environment variables",
  examples: [
    'KUBE_GCE_ZONE=europe-west1-b NUM_NODES=3 trizone kube-up',
    'KUBE_USE_EXISTING_MASTER=true KUBE_GCE_ZONE=europe-west1-c trizone kube-up',
    'trizone kube-up --export > cluster.sh',
  ],
  never: 'Never silently ignores a variable: one that has no effect is listed with the reason.',
  options: [...applying, booleanOption('export', 'print the lines that would create a cluster like this one')],
  inCloud: runKubeUp,
};

/** Drop-in replacement for kube-down.sh. */
export const kubeDownCommand: Command = {
  words: 'kube-down',
  group: 'Article scripts',
  does: "run the article's kube-down.sh, using its environment variables",
  examples: ['KUBE_DELETE_NODES=false KUBE_GCE_ZONE=europe-west1-c trizone kube-down'],
  never: 'Never leaves node pools without a master.',
  options: applying,
  inCloud: runKubeDown,
};
