import { saidOf } from '../model/poolOptions.ts';
import type { Session } from '../compose.ts';
import { readKubeDown, readKubeUp, type KubeUp, type Note } from '../model/kubeUp.ts';
import { kubeUpLines } from '../model/kubeUpExport.ts';
import { checkName } from '../model/names.ts';
import { mastersOf, readExisting } from '../steps/existing.ts';
import { readStatus } from '../steps/status.ts';
import { decideKubeDown, type KubeDownDecision } from '../verbs/kubeDown.ts';
import { down } from '../verbs/down.ts';
import { masterRemove } from '../verbs/masterRemove.ts';
import { flag } from '../model/option.ts';
import { poolAdd } from '../verbs/poolAdd.ts';
import { replicate } from '../verbs/replicate.ts';
import { up } from '../verbs/up.ts';
import { zoneRemove } from '../verbs/zoneRemove.ts';
import { clusterOf } from './clusterName.ts';
import { applying, type Command } from './command.ts';
import { mergeKubeconfig, unmergeKubeconfig } from './kubeconfig.ts';
import type { Terminal } from './terminal.ts';
import { prepareAndRun, type Asking } from './verbs.ts';
import type { Words } from './words.ts';

const tell = (t: Terminal, notes: readonly Note[]): void => {
  for (const n of notes) t.log(`${n.name} means nothing here: ${n.reason}`);
};

// Like the script it writes the context PROJECT_P and makes it current.
const runKubeUp = async (s: Session, t: Terminal, w: Words): Promise<void> => {
  if (w.flag('export')) return exportLines(s, t, w);
  const asked = readKubeUp(t.env);
  tell(t, asked.notes);
  const cluster = asked.wish.name ?? 'kubernetes';
  if (await prepareAndRun(s, t, w, { ...askingOf(asked, cluster), kubeUp: true }))
    await mergeKubeconfig(s, t, cluster, true);
};

const askingOf = ({ do: what, wish, replica }: KubeUp, cluster: string): Asking => {
  const { zone, nodes } = wish;
  if (what === 'create') return { verb: up, request: wish };
  if (what === 'pool') return { verb: poolAdd, request: { cluster, zone, nodes, ...saidOf(wish) } };
  return { verb: replicate, request: { cluster, zone, name: replica } };
};

// A shell script: `trizone kube-up` in place of the bare word makes it run.
const exportLines = async (s: Session, t: Terminal, w: Words): Promise<void> => {
  const x = await readExisting(s.world, clusterOf(w));
  const lines = kubeUpLines(x.cluster, mastersOf(x.has)).map((line) =>
    line.replace(/ kube-up$/, ' trizone kube-up --yes'),
  );
  for (const line of lines) t.say(line);
  if (t.json) t.document({ cluster: x.cluster.name, lines });
};

const runKubeDown = async (s: Session, t: Terminal, w: Words): Promise<void> => {
  const asked = readKubeDown(t.env);
  checkName('Cluster', asked.cluster);
  tell(t, asked.notes);
  const cluster = (await readStatus(s.world)).find((c) => c.name === asked.cluster);
  const what = decideKubeDown(asked, cluster);
  if (what.do === 'tearDown') {
    const asking = { verb: down, request: { cluster: asked.cluster }, agreed: w.flag('yes') };
    if (await prepareAndRun(s, t, w, asking)) unmergeKubeconfig(s, t, asked.cluster);
  } else await partly(s, t, w, what, { cluster: asked.cluster, zone: asked.zone });
};

const partly = async (
  s: Session,
  t: Terminal,
  w: Words,
  what: Exclude<KubeDownDecision, { do: 'tearDown' }>,
  { cluster, zone }: { cluster: string; zone: string },
): Promise<void> => {
  if (what.do === 'nothing') {
    t.say(what.why);
    if (t.json) t.document({ verb: 'down', cluster, changes: [] });
    return;
  }
  t.log(what.says);
  if (what.do === 'removeMaster') {
    await prepareAndRun(s, t, w, { verb: masterRemove, request: { cluster, name: what.name } });
    return;
  }
  const request = { cluster, zone, pools: what.pools, masters: what.masters };
  await prepareAndRun(s, t, w, { verb: zoneRemove, request });
};

/** The script's drop-in. */
export const kubeUp: Command = {
  words: 'kube-up',
  group: "The article's scripts",
  does: "the article's kube-up.sh: reads its environment variables",
  examples: [
    'KUBE_GCE_ZONE=europe-west1-b NUM_NODES=3 trizone kube-up',
    'KUBE_USE_EXISTING_MASTER=true KUBE_GCE_ZONE=europe-west1-c trizone kube-up',
    'trizone kube-up --export > cluster.sh',
  ],
  never: 'Never drops a variable silently: one without a meaning here is named with its reason.',
  options: [...applying, flag('export', 'print the lines that would make a cluster like this one')],
  inCloud: runKubeUp,
};

/** The script's drop-in. */
export const kubeDown: Command = {
  words: 'kube-down',
  group: "The article's scripts",
  does: "the article's kube-down.sh: reads its environment variables",
  examples: ['KUBE_DELETE_NODES=false KUBE_GCE_ZONE=europe-west1-c trizone kube-down'],
  never: 'Never leaves node pools without a master.',
  options: applying,
  inCloud: runKubeDown,
};
