import type { Session } from '../compose.ts';
import { invalid } from '../lib/operatorError.ts';
import { preparePoolAdd, preparePoolRemove, preparePoolResize } from '../workflows/poolVerbs.ts';
import { clusterOf } from './clusterName.ts';
import { number, options, zoneOf } from './create.ts';
import { carryOutSimply } from './simple.ts';
import type { Terminal } from './terminal.ts';
import type { Words } from './words.ts';

type PoolVerb = (s: Session, t: Terminal, w: Words) => Promise<boolean>;

const place = (t: Terminal, w: Words) => ({ cluster: clusterOf(w), zone: zoneOf(t, w), pool: w.text('pool') });
const named = (p: { cluster: string; zone: string; pool: string | undefined }): string =>
  `${p.pool === undefined ? 'the node pool' : `node pool ${p.pool}`} of ${p.cluster} in ${p.zone}`;

const only = (w: Words, what: string, ...unknown: ('nodes' | 'machine-type' | 'spot')[]): void => {
  const strange = unknown.find((o) => w.text(o) !== undefined || w.flag(o));
  if (strange !== undefined) throw invalid(`pool ${what} does not know --${strange}`, `Leave --${strange} out.`);
};

const add: PoolVerb = async (s, t, w) => {
  const where = place(t, w);
  const machine = { nodes: number(w, 'nodes'), machineType: w.text('machine-type'), spot: w.flag('spot') || undefined };
  const prepared = await preparePoolAdd(s.world, { ...where, ...machine }, options(s, w));
  return carryOutSimply(s, t, w, prepared, `Add ${named(where)}`);
};

const resize: PoolVerb = async (s, t, w) => {
  only(w, 'resize', 'machine-type', 'spot');
  const where = place(t, w);
  const nodes = number(w, 'nodes');
  if (nodes === undefined) throw invalid('No number of nodes given', 'Say --nodes, for example --nodes 5.');
  const prepared = await preparePoolResize(s.world, { ...where, nodes }, options(s, w));
  return carryOutSimply(s, t, w, prepared, `Resize ${named(where)} to ${nodes}`);
};

const remove: PoolVerb = async (s, t, w) => {
  only(w, 'remove', 'nodes', 'machine-type', 'spot');
  const where = place(t, w);
  const prepared = await preparePoolRemove(s.world, where, options(s, w));
  return carryOutSimply(s, t, w, prepared, `Remove ${named(where)}`);
};

const verbs: Readonly<Record<string, PoolVerb>> = { add, resize, remove };

/** `trizone pool add|resize|remove --zone Z` */
export const pool = async (s: Session, t: Terminal, w: Words): Promise<void> => {
  const [what] = w.rest;
  const work = what !== undefined && Object.hasOwn(verbs, what) ? verbs[what] : undefined;
  if (work === undefined)
    throw invalid(
      what === undefined ? 'What to do with a pool?' : `A pool cannot: ${what}`,
      'Say: trizone pool add, resize or remove',
    );
  await work(s, t, w);
};
