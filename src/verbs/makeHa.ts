import { message } from '../lib/message.ts';
import { checkZones } from '../model/zones.ts';
import { mastersOf, readExisting } from '../steps/existing.ts';
import { unfinishedReplicas } from '../steps/unfinishedReplicas.ts';
import type { Master } from '../steps/master.ts';
import { validateCluster } from '../steps/validate.ts';
import type { Reads } from '../steps/world.ts';
import { joinAgain, joining, joinSchema, joinUndo } from './joining.ts';
import { chooseReplicas } from './masterParts.ts';
import { checkClusterZone } from './poolPlace.ts';
import { forCluster, type Preparing, type Work } from './prepared.ts';
import { verb } from './verb.ts';

interface Request {
  readonly cluster: string;
  readonly zones: readonly string[];
}

// `drawn`: names chosen by an earlier plan of the same command.
const prepare = async (
  world: Reads,
  request: Request,
  options: Preparing,
  drawn: readonly Master[] = [],
): Promise<Work> => {
  const { zones } = request;
  checkZones(zones);
  const x = await readExisting(world, request.cluster);
  for (const zone of zones) checkClusterZone(x, zone);
  const half = await unfinishedReplicas(world, x);
  const serving = mastersOf(x.has).filter((m) => !half.some((h) => h.name === m.name));
  const missing = zones.filter((zone) => !serving.some((m) => m.zone === zone));
  const fresh = await chooseReplicas(world, x, missing, options.ids);
  const masters = fresh.map((m) => drawn.find((d) => d.zone === m.zone) ?? m);
  // Unlike with fixed names, a zone that has gained a master since gets no second one.
  const again = (now: Reads): Promise<Work> => prepare(now, request, options, masters);
  if (masters.length > 0) return { ...joining(world, x, masters, options), again };
  const steps = [validateCluster(x.cluster, [])];
  return { ...forCluster(world, x.cluster), steps, input: { cluster: x.cluster.name, masters }, again };
};

/** Adds masters in one plan until each given zone has one. */
export const makeHa = verb({
  name: 'make-ha',
  label: 'Make {0} highly available',
  ...{ risky: false, probed: true },
  target: { on: 'zones', question: 'Select zones for two more masters of {0}' },
  options: {},
  help: {
    words: 'make-ha',
    group: 'Masters',
    does: 'add masters so that each of these zones has one, in a single plan',
    examples: ['trizone make-ha --zones europe-west1-c,europe-west1-d'],
    never: 'Never adds a second master to a zone.',
  },
  palette: {
    ...{ command: 'cluster.makeHighlyAvailable', title: 'Make Highly Available…', icon: 'shield', button: 'Replicate' },
    menu: { on: ['cluster'], needs: ['single'], group: '1_run@1' },
  },
  title: ({ cluster, zones }: Request) =>
    message('Make {0} highly available with masters in {1}', cluster, zones.join(', ')),
  stored: joinSchema,
  prepare: (world, request: Request, o) => prepare(world, request, o),
  again: joinAgain,
  undo: joinUndo,
});
