import { runNames } from '../engine/journal.ts';
import { wallClock } from '../lib/clock.ts';
import { withDeadline } from '../lib/deadline.ts';
import { OperatorError } from '../lib/operatorError.ts';
import { stateFolder } from '../lib/stateFolder.ts';
import { names as namesOf, poolOfGroup, type Names } from '../model/names.ts';
import { findRoots, takeInventory, type Inventory } from '../steps/inventory.ts';
import type { Session } from '../compose.ts';
import { clusterArgument } from './clusterName.ts';
import type { Ask } from './completion.ts';
import { inCloud } from './session.ts';
import type { Terminal } from './terminal.ts';
import type { Arguments } from './arguments.ts';

/** Time limit for names (milliseconds): a longer wait would be annoying in a shell. */
const limitMs = 3000;

const ofCluster: Readonly<Record<'pools' | 'masters' | 'nodes', (has: Inventory, n: Names) => string[]>> = {
  pools: (has, n) => has.pools.map((p) => poolOfGroup(n, p.name)),
  masters: (has) => has.masters.map((m) => m.name),
  nodes: (has) => has.nodes.map((m) => m.name),
};

// From the cloud only: querying Kubernetes takes longer and yields no other names.
const namesIn = async (
  session: Session,
  names: Exclude<Parameters<Ask>[0], 'runs'>,
  wanted: string,
): Promise<string[]> => {
  const { cloud } = session.world;
  if (names === 'zones') return (await cloud.compute.list('zones')).map((z) => z.name).sort();
  const roots = await findRoots(cloud);
  if (names === 'clusters') return [...new Set(roots.map((r) => r.name))];
  const root = roots.find((r) => r.name === wanted);
  if (root === undefined) return [];
  const has = await takeInventory(cloud, { cluster: wanted, uid: root.record.uid });
  return [...new Set(ofCluster[names](has, namesOf(wanted)))];
};

/**
 * Live names for completion, from the cloud selected by the command line and the environment. Prints nothing, whatever
 * fails.
 */
export const liveNames = (terminal: Terminal, args: Pick<Arguments, 'text'>): Ask => {
  const quiet = { env: terminal.env, log: () => undefined };
  const ask = async (names: Parameters<Ask>[0]): Promise<readonly string[]> =>
    names === 'runs'
      ? runNames(stateFolder(terminal.env))
      : inCloud(quiet, args, (s) => namesIn(s, names, clusterArgument(args)));
  const late = () => new OperatorError('timeout', 'No names in time');
  return (names) => withDeadline(wallClock, limitMs, terminal.cancel, late, () => ask(names)).catch(() => []);
};
