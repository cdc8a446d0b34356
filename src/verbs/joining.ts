import * as v from 'valibot';
import type { StoredRun } from '../engine/journalRecords.ts';
import { OperatorError } from '../lib/operatorError.ts';
import { command, toRun } from '../lib/remedy.ts';
import { masterWarnings, maxMasters } from '../model/quorum.ts';
import { mastersOf, readExisting, type Existing } from '../steps/existing.ts';
import { holdLease } from '../steps/lease.ts';
import type { Master } from '../steps/master.ts';
import { validateCluster } from '../steps/validate.ts';
import type { Reads } from '../steps/world.ts';
import { joinMasters } from '../workflows/masters.ts';
import { workflow } from '../workflows/workflow.ts';
import { masterSchema, mastersGo, memberIn } from './masterParts.ts';
import { forCluster, type Preparing, type Work } from './prepared.ts';

/** Masters that a run adds, as stored in its journal. */
export const joinSchema = v.object({ cluster: v.string(), masters: v.array(masterSchema) });
type Stored = v.InferOutput<typeof joinSchema>;

const growthWarnings = (existing: Existing, coming: readonly Master[]): string[] => {
  const all = new Map([...mastersOf(existing.has), ...coming].map((m) => [m.name, m.zone]));
  const zones = [...all.values()];
  const twice = [...new Set(coming.map((m) => m.zone))].filter((z) => zones.filter((other) => other === z).length > 1);
  return [
    ...masterWarnings(all.size),
    ...twice.map((z) => `${z} would hold more than one master, and losing that zone would lose all of them.`),
  ];
};

/** Adds these masters to a serving cluster. */
export const joining = (world: Reads, existing: Existing, masters: readonly Master[], { by }: Preparing): Work => {
  const others = mastersOf(existing.has)
    .map((m) => m.name)
    .filter((name) => !masters.some((m) => m.name === name));
  if (others.length === 0)
    throw new OperatorError('refused', 'No master to join', {
      remedy: toRun('See', command`trizone status`),
    });
  if (others.length + masters.length > maxMasters)
    throw new OperatorError(
      'refused',
      `A cluster can have at most ${maxMasters} masters, and this one already has ${others.length}`,
      {
        remedy:
          'Three masters tolerate the loss of one, five the loss of two. More masters only slow down every write.',
      },
    );
  return {
    ...forCluster(world, existing.cluster),
    steps: joinMasters(existing.cluster, { masters: masters.map((m) => memberIn(existing, m)), others }, by),
    input: { cluster: existing.cluster.name, masters },
    warnings: growthWarnings(existing, masters),
  };
};

/** The same masters again: their names are chosen only once. */
export const joinAgain = async (world: Reads, { cluster, masters }: Stored, options: Preparing): Promise<Work> =>
  joining(world, await readExisting(world, cluster), masters, options);

/** Undoes the masters added by a run: each is removed as by `master remove`, the last one first. */
export const joinUndo = async (world: Reads, run: StoredRun, stored: Stored, { by }: Preparing): Promise<Work> => {
  const x = await readExisting(world, stored.cluster);
  const w = workflow();
  const lease = w.add(holdLease(x.cluster, by, []));
  const gone = w.addAll(mastersGo(x, stored.masters.toReversed(), [lease]));
  w.add(validateCluster(x.cluster, gone));
  return { ...forCluster(world, x.cluster), steps: w.steps, input: { of: run.plan.run } };
};
