import * as v from 'valibot';
import type { PlanRecord } from '../engine/journal.ts';
import { OperatorError } from '../lib/operatorError.ts';
import { masterWarnings } from '../model/quorum.ts';
import { insistOn } from '../model/zones.ts';
import { mastersOf, readExisting } from '../steps/existing.ts';
import { holdLease } from '../steps/lease.ts';
import type { Master } from '../steps/master.ts';
import { validateCluster } from '../steps/validate.ts';
import type { Reads } from '../steps/world.ts';
import { mastersGo } from './masterVerbs.ts';
import { machinesOf } from './poolVerbs.ts';
import { poolsGo } from './pools.ts';
import { forCluster, inputOf, type Prepared, type VerbOptions } from './prepared.ts';

const schema = v.object({
  cluster: v.string(),
  zone: v.string(),
  pools: v.array(v.object({ name: v.string(), nodes: v.array(v.string()) })),
  masters: v.array(v.object({ name: v.string(), zone: v.string() })),
});
type Parts = v.InferOutput<typeof schema>;

/** What goes: pools by name, masters in the order in which they leave. */
export interface ZoneWish {
  readonly cluster: string;
  readonly zone: string;
  readonly pools: readonly string[];
  readonly masters: readonly string[];
}

/** Pools and masters of one zone go, as kube-down without variables does it while other zones hold masters. */
export const prepareZoneRemove = async (world: Reads, wish: ZoneWish, o: VerbOptions): Promise<Prepared> => {
  const x = await readExisting(world, wish.cluster);
  const masters = wish.masters.flatMap((name) => mastersOf(x.has).find((m) => m.name === name) ?? []);
  const pools = wish.pools.map((name) => ({ name, nodes: machinesOf(x, { name, zone: wish.zone }) }));
  return partsOf(world, { cluster: wish.cluster, zone: wish.zone, pools, masters }, o);
};

const partsOf = async (world: Reads, parts: Parts, o: VerbOptions): Promise<Prepared> => {
  const x = await readExisting(world, parts.cluster);
  insistOn(x.has.unreachable, parts.zone);
  const left = stay(mastersOf(x.has), parts.masters).length;
  if (left === 0)
    throw new OperatorError('refused', `No master would be left: ${parts.masters.map((m) => m.name).join(', ')}`, {
      remedy: 'Tear the cluster down instead: trizone down',
    });
  const lease = holdLease(x.cluster, 'zone-remove', o.takeOver, []);
  const pools = parts.pools.map((p) => ({ pool: { name: p.name, zone: parts.zone }, nodes: p.nodes }));
  const emptied = pools.length === 0 ? [] : poolsGo(x.cluster, pools, [lease]);
  const going = [...emptied, ...mastersGo(x, parts.masters, [lease, ...emptied])];
  return {
    ...{ ...forCluster(world, x.cluster), verb: 'zone-remove', input: parts },
    steps: [lease, ...going, validateCluster(x.cluster, going)],
    warnings: parts.masters.length === 0 ? [] : masterWarnings(left),
  };
};

const stay = (all: readonly Master[], going: readonly Master[]): Master[] =>
  all.filter((m) => !going.some((g) => g.name === m.name));

/** The same again, from its journal; undefined for other verbs. */
export const prepareZoneAgain = (world: Reads, plan: PlanRecord, o: VerbOptions): Promise<Prepared> | undefined =>
  plan.verb === 'zone-remove' ? partsOf(world, inputOf(plan, schema), o) : undefined;
