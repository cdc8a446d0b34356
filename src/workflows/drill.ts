import * as v from 'valibot';
import type { PlanRecord } from '../engine/journal.ts';
import { checkName } from '../model/names.ts';
import { Timeline } from '../model/timeline.ts';
import { bootMaster } from '../steps/boot.ts';
import { haltAndWatch, mayHalt } from '../steps/drill.ts';
import { readExisting } from '../steps/existing.ts';
import { holdLease } from '../steps/lease.ts';
import { smokeTest, type Answered } from '../steps/smokeTest.ts';
import { validateCluster } from '../steps/validate.ts';
import type { CloudStep, Reads } from '../steps/world.ts';
import { drillReport, smokeReport } from './drillReport.ts';
import { forCluster, inputOf, type Prepared, type VerbOptions } from './prepared.ts';
import type { Probed } from './prober.ts';
import { servesAgain, startMaster, type Returning } from './repair.ts';
import { masterOf, type MasterWish } from './repairVerb.ts';

/** A drill ready to be planned, and what will have been seen in it. */
export interface PreparedDrill extends Prepared {
  readonly timeline: Timeline;
}

/** `drill halt NAME`: the article's steps 8 to 10, watched. */
export const prepareHalt = async (world: Reads, wish: MasterWish, o: VerbOptions): Promise<PreparedDrill> => {
  const x = await readExisting(world, checkName('Cluster', wish.cluster));
  const r = masterOf(x, 'drill-halt', wish.name);
  const timeline = new Timeline();
  const c = x.cluster;
  const lease = holdLease(c, 'drill-halt', o.takeOver, []);
  const guard = mayHalt({ names: c.names, through: [...r.others, r.master.name] }, r.master, [lease]);
  const halted = haltAndWatch({ cluster: c, master: r.master, others: r.others, timeline }, [guard]);
  const booted = bootMaster(r.master, { joins: 'its static pods start from its own disk', since: halted }, []);
  const steps: CloudStep[] = [lease, guard, halted, booted, ...servesAgain(c, r, [booted])];
  const valid = validateCluster(c, steps.slice(-1));
  return {
    ...{ ...forCluster(world, c), verb: 'drill-halt', input: wish, timeline, steps: [...steps, valid] },
    again: (now) => prepareHalt(now, wish, o),
    report: (probed, cloud) => drillReport({ ...wish, cloud, moments: timeline.moments, probed }),
    warnings: [`${wish.name} is off for about two minutes: meanwhile another failure would stop the API.`],
  };
};

const haltSchema = v.object({ cluster: v.string(), name: v.string() });

/** A drill that was interrupted is not repeated: its master is brought back. Undefined for other verbs. */
export const prepareDrillAgain = (world: Reads, plan: PlanRecord, o: VerbOptions): Promise<Prepared> | undefined => {
  if (plan.verb === 'smoke') return prepareSmoke(world, inputOf(plan, v.object({ cluster: v.string() })), o);
  return plan.verb === 'drill-halt' ? bringBack(world, inputOf(plan, haltSchema), o) : undefined;
};

const bringBack = async (world: Reads, wish: MasterWish, o: VerbOptions): Promise<Prepared> => {
  const x = await readExisting(world, wish.cluster);
  const r: Returning = masterOf(x, 'drill-halt', wish.name);
  const steps = startMaster(x.cluster, r, 'never', o.takeOver);
  return { ...forCluster(world, x.cluster), verb: 'drill-halt', steps, input: wish };
};

/** A smoke test ready to be planned, and which zones will have answered. */
export interface PreparedSmoke extends Prepared {
  readonly answered: Answered[];
}

/** `smoke`: the article's step 7, from every zone. */
export const prepareSmoke = async (
  world: Reads,
  wish: { readonly cluster: string },
  o: VerbOptions,
): Promise<PreparedSmoke> => {
  const { cluster: c } = await readExisting(world, checkName('Cluster', wish.cluster));
  const answered: Answered[] = [];
  // Its namespace is taken away by whoever holds the lease next, should it be killed.
  const lease = holdLease(c, 'smoke', o.takeOver, []);
  const steps = [lease, smokeTest(c, (a) => answered.push(a), [lease])];
  const report = (probed: Probed | undefined, cloud: string): string =>
    smokeReport({ cluster: c.name, cloud, answered, probed });
  return { ...forCluster(world, c), verb: 'smoke', steps, input: wish, answered, report };
};
