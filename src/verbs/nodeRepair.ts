import * as v from 'valibot';
import { message } from '../lib/message.ts';
import { readExisting } from '../steps/existing.ts';
import { holdLease } from '../steps/lease.ts';
import { nodeReady, noNode, restartNode } from '../steps/nodeRepair.ts';
import { validateCluster } from '../steps/validate.ts';
import type { Reads } from '../steps/world.ts';
import { workflow } from '../workflows/workflow.ts';
import { forCluster, type Preparing, type Work } from './prepared.ts';
import { verb } from './verb.ts';

const stored = v.object({ cluster: v.string(), name: v.string() });
type Request = v.InferOutput<typeof stored>;

const prepare = async (world: Reads, request: Request, { by }: Preparing): Promise<Work> => {
  const { cluster: c, has } = await readExisting(world, request.cluster);
  const found = has.nodes.find((i) => i.name === request.name);
  if (found === undefined) throw noNode(request.name);
  const m = { name: found.name, zone: found.zone ?? '' };
  const w = workflow();
  const lease = w.add(holdLease(c, by, []));
  const restarted = w.add(restartNode(c, m, [lease]));
  const ready = w.add(nodeReady(c, m, restarted));
  w.add(validateCluster(c, [ready]));
  return { ...forCluster(world, c), steps: w.steps, input: request };
};

/** Restarts a pool's instance whose Node is missing or NotReady, so that it registers. */
export const nodeRepair = verb({
  name: 'node-repair',
  label: 'Repair a node of {0}',
  ...{ risky: false, probed: true },
  target: { on: 'node', question: 'Select a node to repair' },
  options: {},
  help: {
    words: 'node repair',
    group: 'Node pools',
    does: 'restart a node whose Node object is missing or NotReady',
    examples: ['trizone node repair kubernetes-minion-group-1a2b'],
    never: 'Never restarts a node that is Ready.',
  },
  title: ({ cluster, name }) => message('Repair node {0} of {1}', name, cluster),
  stored,
  prepare,
  again: prepare,
});
