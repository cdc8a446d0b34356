import { invalid } from '../lib/operatorError.ts';
import { message } from '../lib/message.ts';
import { masterPattern } from '../model/names.ts';
import { readExisting } from '../steps/existing.ts';
import type { Reads } from '../steps/world.ts';
import { joinAgain, joining, joinSchema, joinUndo } from './joining.ts';
import { chooseReplicas } from './masterParts.ts';
import { checkClusterZone } from './poolPlace.ts';
import type { Preparing, Work } from './prepared.ts';
import { verb } from './verb.ts';

interface Request {
  readonly cluster: string;
  readonly zone: string;
  /** Set only if the user chose it (KUBE_REPLICA_NAME). */
  readonly name?: string | undefined;
}

const prepare = async (world: Reads, request: Request, options: Preparing): Promise<Work> => {
  const x = await readExisting(world, request.cluster);
  const zone = checkClusterZone(x, request.zone);
  const { name } = request;
  if (name !== undefined && !masterPattern(x.cluster.name).test(name))
    throw invalid(
      `Invalid name for a master of ${x.cluster.name}: ${name}`,
      `For example: ${x.cluster.names.firstMaster}-x7k`,
    );
  const masters = name === undefined ? await chooseReplicas(world, x, [zone], options.ids) : [{ name, zone }];
  return joining(world, x, masters, options);
};

/** Adds a master in a zone: the article's KUBE_REPLICATE_EXISTING_MASTER=true. */
export const replicate = verb({
  name: 'replicate',
  label: 'Replicate master of {0}',
  ...{ risky: false, probed: true },
  target: { on: 'zone', question: 'Select a zone for the new master of {0}' },
  options: {},
  help: {
    words: 'replicate',
    group: 'Masters',
    does: 'add a master in a zone',
    examples: ['trizone replicate --zone europe-west1-c'],
    never: 'Never changes the API address, and never lets a master serve before it votes in etcd.',
  },
  palette: {
    ...{ command: 'master.replicate', title: 'Replicate Master to Zone…', icon: 'copy', button: 'Replicate' },
    menu: { on: ['zone', 'master', 'cluster'], group: '1_run@0' },
  },
  title: ({ cluster, zone }) => message('Replicate master of {0} to {1}', cluster, zone),
  stored: joinSchema,
  prepare,
  again: joinAgain,
  undo: joinUndo,
});
