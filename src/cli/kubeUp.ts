import type { Session } from '../compose.ts';
import { readKubeDown, readKubeUp, type Note } from '../model/kubeUp.ts';
import { kubeUpLines } from '../model/kubeUpExport.ts';
import { checkName } from '../model/names.ts';
import { mastersOf, readExisting } from '../steps/existing.ts';
import { readStatus } from '../steps/status.ts';
import { decideKubeDown } from '../verbs/kubeDown.ts';
import { kubeDownAsks, kubeUpAsks, type Asked } from '../verbs/kubeRequests.ts';
import { verbNamed } from '../verbs/registry.ts';
import { flag } from '../model/option.ts';
import { clusterOf } from './clusterName.ts';
import { applying, type Command } from './command.ts';
import { mergeKubeconfig, unmergeKubeconfig } from './kubeconfig.ts';
import type { Terminal } from './terminal.ts';
import { prepareAndRun, type Asking } from './verbs.ts';
import type { Arguments } from './arguments.ts';

const tell = (t: Terminal, notes: readonly Note[]): void => {
  for (const n of notes) t.log(`${n.name} has no effect: ${n.reason}`);
};

// Like the script it writes the context PROJECT_P and makes it current.
const runKubeUp = async (s: Session, t: Terminal, w: Arguments): Promise<void> => {
  if (w.flag('export')) return exportLines(s, t, w);
  const asked = readKubeUp(t.env);
  tell(t, asked.notes);
  const cluster = asked.wish.name ?? 'kubernetes';
  if (await prepareAndRun(s, t, w, { ...asking(kubeUpAsks(asked)), kubeUp: true }))
    await mergeKubeconfig(s, t, cluster, true);
};

const asking = ({ verb, request }: Asked): Asking => ({ verb: verbNamed(verb), request });

// A shell script: `trizone kube-up` in place of the bare word makes it run.
const exportLines = async (s: Session, t: Terminal, w: Arguments): Promise<void> => {
  const x = await readExisting(s.world, clusterOf(w));
  const lines = kubeUpLines(x.cluster, mastersOf(x.has)).map((line) =>
    line.replace(/ kube-up$/, ' trizone kube-up --yes'),
  );
  for (const line of lines) t.say(line);
  if (t.json) t.document({ cluster: x.cluster.name, lines });
};

const runKubeDown = async (s: Session, t: Terminal, w: Arguments): Promise<void> => {
  const asked = readKubeDown(t.env);
  checkName('Cluster', asked.cluster);
  tell(t, asked.notes);
  const cluster = (await readStatus(s.world)).find((c) => c.name === asked.cluster);
  const what = decideKubeDown(asked, cluster);
  if (what.do === 'nothing') {
    t.say(what.why);
    if (t.json) t.document({ verb: 'down', cluster: asked.cluster, changes: [] });
    return;
  }
  if (what.do !== 'tearDown') t.log(what.says);
  const ended = await prepareAndRun(s, t, w, { ...asking(kubeDownAsks(what, asked)), agreed: w.flag('yes') });
  if (ended && what.do === 'tearDown') unmergeKubeconfig(s, t, asked.cluster);
};

/** The script's drop-in. */
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
  options: [...applying, flag('export', 'print the lines that would create a cluster like this one')],
  inCloud: runKubeUp,
};

/** The script's drop-in. */
export const kubeDown: Command = {
  words: 'kube-down',
  group: 'Article scripts',
  does: "run the article's kube-down.sh, using its environment variables",
  examples: ['KUBE_DELETE_NODES=false KUBE_GCE_ZONE=europe-west1-c trizone kube-down'],
  never: 'Never leaves node pools without a master.',
  options: applying,
  inCloud: runKubeDown,
};
