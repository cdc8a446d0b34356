import * as v from 'valibot';
import { message } from '../lib/message.ts';
import { OperatorError } from '../lib/operatorError.ts';
import { command, toRun } from '../lib/remedy.ts';
import { masterWarnings } from '../model/quorum.ts';
import { insistOn } from '../model/zones.ts';
import { mastersOf, readExisting } from '../steps/existing.ts';
import { holdLease } from '../steps/lease.ts';
import type { Master } from '../steps/master.ts';
import { validateCluster } from '../steps/validate.ts';
import type { Reads } from '../steps/world.ts';
import { poolsGo } from '../workflows/pools.ts';
import { workflow } from '../workflows/workflow.ts';
import { mastersGo, masterSchema } from './masterParts.ts';
import { machinesOf } from './poolPlace.ts';
import { forCluster, type Preparing, type Work } from './prepared.ts';
import { verb } from './verb.ts';

const stored = v.object({
  cluster: v.string(),
  zone: v.string(),
  pools: v.array(v.object({ name: v.string(), nodes: v.array(v.string()) })),
  masters: v.array(masterSchema),
});
type Parts = v.InferOutput<typeof stored>;

/** What is removed: pools by name, masters in removal order. */
interface Request {
  readonly cluster: string;
  readonly zone: string;
  readonly pools: readonly string[];
  readonly masters: readonly string[];
}

const prepare = async (world: Reads, request: Request, options: Preparing): Promise<Work> => {
  const x = await readExisting(world, request.cluster);
  const masters = request.masters.flatMap((name) => mastersOf(x.has).find((m) => m.name === name) ?? []);
  const pools = request.pools.map((name) => ({ name, nodes: machinesOf(x, { name, zone: request.zone }) }));
  return partsOf(world, { cluster: request.cluster, zone: request.zone, pools, masters }, options);
};

const partsOf = async (world: Reads, parts: Parts, { by }: Preparing): Promise<Work> => {
  const x = await readExisting(world, parts.cluster);
  insistOn(x.has.unreachable, parts.zone);
  const left = stay(mastersOf(x.has), parts.masters).length;
  if (left === 0)
    throw new OperatorError('refused', `No master would remain: ${parts.masters.map((m) => m.name).join(', ')}`, {
      remedy: toRun('Tear the cluster down instead', command`trizone down`),
    });
  const w = workflow();
  const lease = w.add(holdLease(x.cluster, by, []));
  const pools = parts.pools.map((p) => ({ pool: { name: p.name, zone: parts.zone }, nodes: p.nodes }));
  const emptied = w.addAll(pools.length === 0 ? [] : poolsGo(x.cluster, pools, [lease]));
  const gone = w.addAll(mastersGo(x, parts.masters, [lease, ...emptied]));
  w.add(validateCluster(x.cluster, [...emptied, ...gone]));
  return {
    ...forCluster(world, x.cluster),
    steps: w.steps,
    input: parts,
    warnings: parts.masters.length === 0 ? [] : masterWarnings(left),
  };
};

const stay = (all: readonly Master[], going: readonly Master[]): Master[] =>
  all.filter((m) => !going.some((g) => g.name === m.name));

/** Removes the pools and masters of one zone, as kube-down without variables does while other zones have masters. */
export const zoneRemove = verb({
  name: 'zone-remove',
  label: 'Remove a zone from {0}',
  ...{ risky: true, probed: true },
  target: { on: 'zone', question: 'Select a zone to remove from {0}' },
  options: {},
  title: ({ cluster, zone }) => message('Remove all resources of {0} in {1}', cluster, zone),
  typed: ({ cluster }) => cluster,
  stored,
  prepare,
  again: partsOf,
});
