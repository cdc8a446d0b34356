import { fileJournals, type StoredRun, type UnreadRun } from '../engine/journal.ts';
import { wallClock } from '../lib/clock.ts';
import { OperatorError } from '../lib/operatorError.ts';
import { checkStateFolder, stateFolder } from '../lib/stateFolder.ts';
import { plural } from '../lib/text.ts';
import type { Session } from '../compose.ts';
import { quorumWords } from '../model/quorum.ts';
import { findLeftovers, findRoot } from '../steps/inventory.ts';
import { runningWords, type MasterStatus } from '../model/clusterStatus.ts';
import { certificateWords, endSoon } from '../model/certificates.ts';
import { readStatus, type ClusterStatus } from '../steps/status.ts';
import { rounds, validateRounds } from '../steps/validate.ts';
import { forgetRun, isLiving } from '../verbs/whom.ts';
import { text } from '../model/option.ts';
import { clusterOf } from './clusterName.ts';
import type { Command } from './command.ts';
import type { Terminal } from './terminal.ts';
import type { Words } from './words.ts';

const showStatus = async (s: Session, t: Terminal, w: Words): Promise<void> => {
  const wanted = w.text('cluster');
  const clusters = (await readStatus(s.world)).filter((c) => wanted === undefined || c.name === wanted);
  if (t.json) t.document({ cloud: s.world.cloud.label, clusters });
  if (clusters.length === 0) t.say(`No cluster${wanted === undefined ? '' : ` ${wanted}`} in ${s.world.cloud.label}.`);
  for (const c of clusters) t.say(clusterText(c));
};

const clusterText = (c: ClusterStatus): string => {
  const nodes = c.pools.reduce((n, p) => n + p.nodes.length, 0);
  const healthy = c.masters.filter((m) => m.backend === 'healthy').length;
  const zones = [...new Set([...[...c.masters, ...c.pools].map((x) => x.zone), ...(c.unreachableZones ?? [])])].sort();
  return [
    `${c.name}   ${quorumWords(c.masters.length)} · ${plural(nodes, 'node')} · ${c.region}${c.isProtected === true ? ' · protected' : ''}${c.running === undefined ? '' : ` · ${runningWords(c.running)}`}`,
    ...zones.flatMap((z) => zoneText(c, z)),
    `  Endpoint ${c.endpoint}   ${healthy}/${c.masters.length} backends healthy`,
    ...(c.unreachable === undefined ? [] : [`  Kubernetes was not asked: ${c.unreachable}`]),
  ].join('\n');
};

const aging = ({ certificatesEnd: end }: MasterStatus): string[] => {
  const now = wallClock.now();
  return end === undefined || !endSoon(end, now) ? [] : [certificateWords(end, now)];
};

const zoneText = (c: ClusterStatus, zone: string): string[] => [
  `  ${zone}${c.unreachableZones?.includes(zone) === true ? '   cannot be reached: what is there is not known' : ''}`,
  ...c.masters
    .filter((m) => m.zone === zone)
    .map((m) => `    ${m.name.padEnd(30)} ${[m.etcd, m.backend, m.node, m.status, ...aging(m)].join(' · ')}`),
  ...c.pools
    .filter((p) => p.zone === zone)
    .flatMap((p) => [
      `    ${p.name.padEnd(30)} ${p.nodes.filter((n) => n.node === 'Ready').length}/${p.size} Ready · ${p.nodes[0]?.machineType ?? ''}`,
      ...p.nodes.map((n) => `      ${n.name.padEnd(28)} ${n.node} · ${n.status}`),
    ]),
];

const checkCluster = async (s: Session, t: Terminal, w: Words): Promise<void> => {
  const name = clusterOf(w);
  const root = await findRoot(s.world, name);
  if (root === undefined)
    throw new OperatorError('not-found', `No cluster of that name in ${s.world.cloud.label}: ${name}`, {
      remedy: 'See: trizone status',
    });
  const owner = { cluster: name, uid: root.record.uid };
  const checks = await validateRounds(s.world, owner, () => s.clock.sleep(rounds.everyMs, t.cancel));
  for (const c of checks) t.say(`${c.ok ? '✓' : '✗'} ${c.id.padEnd(22)} ${c.evidence}`);
  const wrong = checks.filter((c) => !c.ok);
  if (t.json) t.document({ cluster: name, valid: wrong.length === 0, checks });
  if (wrong.length > 0)
    throw new OperatorError('kubernetes', `Cluster ${name} is not valid: ${wrong.map((c) => c.id).join(', ')}`);
  t.say(`Cluster ${name} is valid (${rounds.green} rounds).`);
};

const showLeftovers = async (s: Session, t: Terminal): Promise<void> => {
  const found = await findLeftovers(s.world.cloud);
  if (t.json) t.document({ cloud: s.world.cloud.label, leftovers: found });
  for (const l of found) t.say(`${l.kind} ${l.name} (${l.where}) · ${l.whose}${l.billed ? ' · billed' : ''}`);
  t.say(`${plural(found.length, 'leftover')} in ${s.world.cloud.label}.`);
};

const stateOf = (folder: string, run: StoredRun): string => {
  if (run.state !== undefined) return run.state;
  try {
    return isLiving(folder, run, wallClock) ? 'running' : 'interrupted';
  } catch (error) {
    if (OperatorError.is(error, 'disk')) return 'not known, its lease cannot be read';
    throw error;
  }
};

const unreadText = ({ run, error: { message, remedy } }: UnreadRun): string => `${run}  ${message}\n  ${remedy ?? ''}`;

const showRuns = (t: Terminal, w: Words): void => {
  const folder = stateFolder(t.env);
  checkStateFolder(folder);
  const forgotten = w.text('forget');
  if (forgotten !== undefined) {
    const journals = fileJournals(folder);
    if (forgetRun({ folder, journals, wall: wallClock }, forgotten))
      t.say(`Forgotten: ${forgotten}. What it made stays as it is.`);
    else t.say(`It is over (${journals.read(forgotten).state ?? ''}), so there is nothing to forget: ${forgotten}`);
  }
  listRuns(folder, t);
};

const listRuns = (folder: string, t: Terminal): void => {
  const unread: UnreadRun[] = [];
  const all = fileJournals(folder).list((run) => unread.push(run));
  if (t.json)
    t.document({
      runs: all.map((r) => ({ ...r.plan, state: stateOf(folder, r) })),
      unread: unread.map(({ run, error: { message, remedy } }) => ({ run, message, remedy })),
    });
  for (const r of all) {
    const done = new Set(r.records.flatMap((x) => (x.type === 'done' ? [x.step] : []))).size;
    t.say(
      `${r.plan.run}  ${r.plan.verb.padEnd(5)} ${r.plan.cluster.padEnd(20)} ${stateOf(folder, r)}, ${done} steps done, ${new Date(r.plan.at).toISOString()}`,
    );
  }
  for (const run of unread) t.say(unreadText(run));
  if (all.length + unread.length === 0) t.say('No runs yet.');
};

const status: Command = {
  words: 'status',
  group: 'Look',
  does: 'show the clusters of the project',
  examples: ['trizone status', 'trizone status --json'],
  never: 'Only reads.',
  options: [],
  inCloud: showStatus,
};

const validate: Command = {
  words: 'validate',
  group: 'Look',
  does: 'check a cluster from every side: machines, load balancer, etcd, nodes, DNS',
  examples: ['trizone validate'],
  never: 'Only reads.',
  options: [],
  inCloud: checkCluster,
};

const leftovers: Command = {
  words: 'leftovers',
  group: 'Look',
  does: 'list what interrupted tear downs left behind, and what of it is billed',
  examples: ['trizone leftovers'],
  never: 'Only reads.',
  options: [],
  inCloud: showLeftovers,
};

const runs: Command = {
  words: 'runs',
  group: 'Runs',
  does: 'list the runs of this computer',
  examples: ['trizone runs', 'trizone runs --forget 20261130t120000-a1b2'],
  options: [{ ...text('forget', 'RUN', 'no longer offer to resume it; what it made stays'), names: 'runs' }],
  run: showRuns,
};

/** Commands that look. */
export const inspecting: readonly Command[] = [status, validate, leftovers, runs];
