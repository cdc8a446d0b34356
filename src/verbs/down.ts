import * as v from 'valibot';
import { message } from '../lib/message.ts';
import { plural } from '../lib/text.ts';
import { findLeftovers, findRoot, wholeInventory } from '../steps/inventory.ts';
import { findMade, madeWarnings } from '../steps/kubernetesMade.ts';
import { readUsers } from '../steps/releaseCloudResources.ts';
import type { Reads } from '../steps/world.ts';
import { tearDown } from '../workflows/tearDown.ts';
import { forCluster, type Outcome, type Preparing, type Work } from './prepared.ts';
import { verb } from './verb.ts';

const prepare = async (
  world: Reads,
  { cluster: name }: { readonly cluster: string },
  { by }: Preparing,
): Promise<Work | undefined> => {
  const root = await findRoot(world, name);
  if (root === undefined) return undefined;
  const owner = { cluster: name, uid: root.record.uid, region: root.region };
  const inventory = await wholeInventory(world.cloud, owner, root.region);
  const users = await readUsers(world, name);
  const made = await findMade(world.cloud, owner, inventory, users);
  return {
    ...forCluster(world, { name, region: root.region, uid: root.record.uid }),
    steps: tearDown(root, world.cloud.project, inventory, made, by),
    input: { name },
    warnings: madeWarnings(made, users),
    outcome: (now) => isGone(now, name),
  };
};

const isGone = async (world: Reads, name: string): Promise<Outcome> => {
  const left = (await findLeftovers(world.cloud)).filter((l) => l.cluster === name);
  const more = left.length === 0 ? '.' : ': see trizone leftovers';
  return {
    lines: [`Cluster ${name} deleted. ${plural(left.length, 'leftover')} with that name${more}`],
    json: { leftovers: left },
  };
};

/** Tears a cluster down; undefined if nothing of it exists. */
export const down = verb({
  name: 'down',
  label: 'Tear down {0}',
  ...{ risky: true, probed: false, mayLackCluster: true, endsCluster: true },
  target: { on: 'cluster' },
  options: {},
  help: {
    words: 'down',
    group: 'Create and tear down',
    does: 'tear down a cluster completely',
    examples: ['trizone down', 'trizone down --cluster kubernetes --yes-delete kubernetes'],
    never: "Never deletes resources without this cluster's marker.",
  },
  palette: {
    ...{ command: 'cluster.tearDown', title: 'Tear Down Cluster…', icon: 'trash', button: 'Tear Down' },
    menu: { on: ['cluster'], group: '9_danger@1' },
  },
  title: ({ cluster }) => message('Tear down cluster {0}', cluster),
  typed: ({ cluster }) => cluster,
  stored: v.object({ name: v.string() }),
  prepare,
  again: (world, { name }, o) => prepare(world, { cluster: name }, o),
});
