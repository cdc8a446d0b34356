import type { Session } from '../compose.ts';
import { invalid } from '../lib/operatorError.ts';
import { plural } from '../lib/text.ts';
import { checkName } from '../model/names.ts';
import type { ClusterInput } from '../model/cluster.ts';
import type { Prepared } from '../workflows/prepared.ts';
import { prepareDown, prepareUp } from '../workflows/verbs.ts';
import { findLeftovers } from '../steps/inventory.ts';
import { readStatus } from '../steps/status.ts';
import { carryOut } from './apply.ts';
import type { Terminal } from './terminal.ts';
import type { Words } from './words.ts';

/** Value of an option that must be a whole number. */
export const number = (w: Words, option: 'nodes'): number | undefined => {
  const text = w.text(option);
  if (text === undefined) return undefined;
  if (!/^\d{1,9}$/.test(text))
    throw invalid(`--${option} must be a whole number: ${text}`, `For example: --${option} 3`);
  return Number(text);
};

/** The zone that a verb is told, by option or environment. */
export const zoneOf = (t: Terminal, w: Words): string => {
  const zone = w.text('zone') ?? t.env.TRIZONE_ZONE;
  if (!zone) throw invalid('No zone given', 'Say --zone, for example --zone europe-west1-b (or set TRIZONE_ZONE).');
  return zone;
};

/** What the flags of `up` ask for. */
const wishOf = (s: Session, t: Terminal, w: Words): ClusterInput => {
  const zones = w.text('zones')?.split(',');
  const zone = w.text('zone') ?? zones?.[0] ?? zoneOf(t, w);
  const nodes = number(w, 'nodes');
  const given = {
    zones,
    name: w.text('cluster'),
    nodes,
    machineType: w.text('machine-type'),
    masterType: w.text('master-type'),
    kubernetes: w.text('kubernetes'),
    subnetCidr: w.text('subnet-range'),
    podCidr: w.text('pod-range'),
    serviceCidr: w.text('service-range'),
    apiAllow: w.text('api-allow')?.split(','),
    spot: w.flag('spot') || undefined,
  };
  const wish = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return { project: s.world.cloud.project, zone, ...wish };
};

/** What every verb is told. */
export const options = (s: Session, w: Words) => ({ ids: s.ids, takeOver: w.flag('take-over') });

/** `trizone up` */
export const up = async (s: Session, t: Terminal, w: Words): Promise<void> => {
  await create(s, t, w, wishOf(s, t, w));
};

/** Creates by a wish; whether it was carried out, not only planned. */
export const create = async (
  s: Session,
  t: Terminal,
  w: Words,
  wish: ClusterInput,
  more: Pick<Prepared, 'kubeUp'> = {},
): Promise<boolean> => {
  const prepared = { ...(await prepareUp(s.world, wish, options(s, w))), ...more };
  const title = `Create cluster ${prepared.cluster} in ${(wish.zones ?? [wish.zone]).join(', ')}`;
  const done = await carryOut(s, t, w, prepared, { title, answer: 'yes', agreed: w.flag('yes') });
  if (w.flag('plan')) {
    if (t.json) t.document(done.summary);
    return false;
  }
  const status = (await readStatus(s.world)).find((c) => c.name === prepared.cluster);
  if (t.json) t.document({ ...done.summary, endpoint: status?.endpoint });
  t.say(
    `Cluster ${prepared.cluster} is up: ${status?.endpoint ?? ''}   Look at it: trizone status   kubectl: trizone kubeconfig --output FILE`,
  );
  return true;
};

/** `trizone down` */
export const down = async (s: Session, t: Terminal, w: Words): Promise<void> => {
  const name = checkName('Cluster', w.text('cluster') ?? w.text('yes-delete') ?? 'kubernetes');
  await destroy(s, t, w, name, agreedToDelete(w, name));
};

/** Whether --yes-delete has named the cluster that goes. */
export const agreedToDelete = (w: Words, name: string): boolean => {
  const typed = w.text('yes-delete');
  if (typed !== undefined && typed !== name)
    throw invalid(`--yes-delete names another cluster: ${typed}, not ${name}`, `Say --yes-delete ${name}.`);
  return typed === name;
};

/** Tears down by name; whether it was carried out, not only planned. */
export const destroy = async (s: Session, t: Terminal, w: Words, name: string, agreed: boolean): Promise<boolean> => {
  const prepared = await prepareDown(s.world, name, options(s, w));
  if (prepared === undefined) {
    t.say(`Nothing of cluster ${name} is there in ${s.world.cloud.label}.`);
    if (t.json) t.document({ verb: 'down', cluster: name, changes: [] });
    return true;
  }
  const done = await carryOut(s, t, w, prepared, { title: `Tear down cluster ${name}`, answer: name, agreed });
  const left = done.changed ? (await findLeftovers(s.world.cloud)).filter((l) => l.cluster === name) : [];
  if (done.changed)
    t.say(
      `Cluster ${name} is gone. ${plural(left.length, 'leftover')} of that name${left.length === 0 ? '.' : ': see trizone leftovers'}`,
    );
  if (t.json) t.document({ ...done.summary, leftovers: left });
  return done.changed;
};
