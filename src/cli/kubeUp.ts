import type { Session } from '../compose.ts';
import { readKubeDown, readKubeUp, type KubeUp, type Note } from '../model/kubeUp.ts';
import { kubeUpLines } from '../model/kubeUpExport.ts';
import { checkName } from '../model/names.ts';
import { mastersOf, readExisting } from '../steps/existing.ts';
import { readStatus } from '../steps/status.ts';
import { decideKubeDown, type KubeDownDecision } from '../workflows/kubeDown.ts';
import { prepareReplicate } from '../workflows/masterVerbs.ts';
import { preparePoolAdd } from '../workflows/poolVerbs.ts';
import { prepareZoneRemove } from '../workflows/zoneVerb.ts';
import { clusterOf } from './clusterName.ts';
import { create, destroy, options } from './create.ts';
import { mergeKubeconfig, unmergeKubeconfig } from './kubeconfig.ts';
import { removeMaster } from './masters.ts';
import { carryOutSimply } from './simple.ts';
import type { Terminal } from './terminal.ts';
import type { Words } from './words.ts';

const tell = (t: Terminal, notes: readonly Note[]): void => {
  for (const n of notes) t.log(`${n.name} means nothing here: ${n.reason}`);
};

/** `trizone kube-up`: the script's drop-in. Like the script it writes the context PROJECT_P and makes it current. */
export const kubeUp = async (s: Session, t: Terminal, w: Words): Promise<void> => {
  if (w.flag('export')) return exportLines(s, t, w);
  const asked = readKubeUp(t.env);
  tell(t, asked.notes);
  const cluster = asked.wish.name ?? 'kubernetes';
  const done = asked.do === 'create' ? await first(s, t, w, asked) : await more(s, t, w, asked, cluster);
  if (done) await mergeKubeconfig(s, t, cluster, true);
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

const first = (s: Session, t: Terminal, w: Words, { wish }: KubeUp): Promise<boolean> =>
  create(s, t, w, { project: s.world.cloud.project, ...wish }, { kubeUp: true });

const more = async (s: Session, t: Terminal, w: Words, { do: what, wish, replica }: KubeUp, cluster: string) => {
  const { zone, nodes, machineType, nodeDisk: disk, spot } = wish;
  const prepared =
    what === 'pool'
      ? await preparePoolAdd(s.world, { cluster, zone, nodes, machineType, disk, spot }, options(s, w))
      : await prepareReplicate(s.world, { cluster, zone, name: replica }, options(s, w));
  const title =
    what === 'pool' ? `Add a node pool to ${cluster} in ${zone}` : `Replicate the master of ${cluster} to ${zone}`;
  return carryOutSimply(s, t, w, { ...prepared, kubeUp: true }, title);
};

/** `trizone kube-down`: the script's drop-in. */
export const kubeDown = async (s: Session, t: Terminal, w: Words): Promise<void> => {
  const asked = readKubeDown(t.env);
  checkName('Cluster', asked.cluster);
  tell(t, asked.notes);
  const cluster = (await readStatus(s.world)).find((c) => c.name === asked.cluster);
  const what = decideKubeDown(asked, cluster);
  if (what.do === 'tearDown') {
    if (await destroy(s, t, w, asked.cluster, w.flag('yes'))) unmergeKubeconfig(s, t, asked.cluster);
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
    await removeMaster(s, t, w, cluster, what.name);
    return;
  }
  const wish = { cluster, zone, pools: what.pools, masters: what.masters };
  const title = `Remove ${[...what.pools.map((p) => `pool ${p}`), ...what.masters].join(', ')} of ${cluster} in ${zone}`;
  await carryOutSimply(s, t, w, await prepareZoneRemove(s.world, wish, options(s, w)), title);
};
