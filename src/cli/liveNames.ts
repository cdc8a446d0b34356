import { fileJournals } from '../engine/journal.ts';
import { wallClock } from '../lib/clock.ts';
import { withDeadline } from '../lib/deadline.ts';
import { OperatorError } from '../lib/operatorError.ts';
import { stateFolder } from '../lib/stateFolder.ts';
import { names as namesOf, poolOfGroup, type Names } from '../model/names.ts';
import { findRoots, takeInventory, type Inventory } from '../steps/inventory.ts';
import { openSession, type Session } from '../compose.ts';
import type { Ask } from './completion.ts';
import type { Terminal } from './terminal.ts';

/** A shell that waits longer than this for names would be in the way (milliseconds). */
const limitMs = 3000;

const ofCluster: Readonly<Record<'pools' | 'masters' | 'nodes', (has: Inventory, n: Names) => string[]>> = {
  pools: (has, n) => has.pools.map((p) => poolOfGroup(n, p.name)),
  masters: (has) => has.masters.map((m) => m.name),
  nodes: (has) => has.nodes.map((m) => m.name),
};

// Of the cloud alone: Kubernetes takes longer to ask, and knows no other names.
const namesIn = async (s: Session, names: Exclude<Parameters<Ask>[0], 'runs'>, wanted: string): Promise<string[]> => {
  const { cloud } = s.world;
  if (names === 'zones') return (await cloud.compute.list('zones')).map((z) => z.name).sort();
  const roots = await findRoots(cloud);
  if (names === 'clusters') return [...new Set(roots.map((r) => r.name))];
  const root = roots.find((r) => r.name === wanted);
  if (root === undefined) return [];
  const has = await takeInventory(cloud, { cluster: wanted, uid: root.record.uid });
  return [...new Set(ofCluster[names](has, namesOf(wanted)))];
};

/** Live names for the completion, of the cloud that the typed words and the environment choose. It stays silent whatever is wrong. */
export const liveNames = (t: Terminal, given: (option: string) => string | undefined): Ask => {
  const inCloud = async (read: (s: Session) => Promise<string[]>): Promise<string[]> => {
    const chosen = { endpoint: given('endpoint'), project: given('project'), region: given('region') };
    const session = await openSession({ ...chosen, env: t.env, onRetry: () => undefined });
    try {
      return await read(session);
    } finally {
      await session.close();
    }
  };
  const ask = async (names: Parameters<Ask>[0]): Promise<string[]> => {
    if (names === 'runs')
      return fileJournals(stateFolder(t.env))
        .list()
        .map((r) => r.plan.run);
    return inCloud((s) => namesIn(s, names, given('cluster') ?? 'kubernetes'));
  };
  const late = () => new OperatorError('timeout', 'No names in time');
  return (names) => withDeadline(wallClock, limitMs, t.cancel, late, () => ask(names)).catch(() => []);
};
