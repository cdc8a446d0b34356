import '../lean.ts';
import { cpSync } from 'node:fs';
import type { AuditEntry } from '../../../src/emulator/audit.ts';
import { createEmulator, storedInstant, type Emulator } from '../../../src/emulator/emulator.ts';
import type { FaultRule } from '../../../src/emulator/faults.ts';
import { simulatedGuests } from '../../../src/emulator/guest/simulated.ts';
import { seededIds } from '../../../src/lib/ids.ts';
import { VirtualClock } from '../../../src/lib/virtualClock.ts';
import type { ClusterInput } from '../../../src/model/cluster.ts';
import { CloudWorld, project } from '../cloudWorld.ts';
import { lastly, temporaryFolder, type Cleanup } from '../engineWorld.ts';

/** Names of which one is a prefix of the other. */
export const clusterNames = ['a', 'a-b'] as const;
export type ClusterName = (typeof clusterNames)[number];

/** Zones of all clusters. */
export const zones = ['europe-west1-b', 'europe-west1-c', 'europe-west1-d'] as const;

/** Input of `up`: two clusters of a cloud share no range. */
export const wishOf = (name: ClusterName, masters: number): ClusterInput => ({
  ...{ project, name, zone: zones[0], zones: zones.slice(0, masters), nodes: 1 },
  ...(name === 'a' ? {} : { subnetCidr: '10.132.0.0/20', podCidr: '10.68.0.0/14', serviceCidr: '10.1.0.0/16' }),
});

/** Initial contents of the clouds: number of masters of each cluster, by cloud. */
const inhabitants: readonly (readonly [ClusterName, number][])[] = [
  [
    ['a', 2],
    ['a-b', 1],
  ],
  [['a', 3]],
];

interface Stored {
  readonly folder: string;
  /** Initial state before any cluster. */
  readonly empty: Record<string, unknown>;
}

/** One of the two clouds. */
export interface Site {
  /** "cloud 1" */
  readonly name: string;
  readonly emulator: Emulator;
  readonly endpoint: string;
  readonly empty: Record<string, unknown>;
  /** Fault rules in force. */
  readonly faults: Set<FaultRule>;
}

/** Sets the emulator's current rules; counters restart. */
export const applyFaults = (site: Site): void => site.emulator.faults.set([...site.faults]);

/** All observable state except operations, which are history, and empty policies. */
export const resourcesOf = (emulator: Emulator): Record<string, unknown> => {
  const all = emulator.exportState() as Record<string, Record<string, { bindings?: unknown[] }>>;
  const bound = Object.entries(all.policies ?? {}).filter(([, policy]) => policy.bindings?.length);
  const rest = Object.entries(all).filter(([table]) => table !== 'operations' && table !== 'policies');
  return { ...Object.fromEntries(rest), policies: Object.fromEntries(bound) };
};

const build = async (t: Cleanup, number: number): Promise<Stored> => {
  const folder = temporaryFolder(t);
  const clock = new VirtualClock();
  const ids = seededIds(`cloud-${number}`);
  const emulator = createEmulator({ clock, ids, project, guests: simulatedGuests, stateFolder: folder });
  const { port } = await emulator.listen();
  const empty = resourcesOf(emulator);
  const world = new CloudWorld(t, clock, emulator, temporaryFolder(t), port);
  for (const [name, masters] of inhabitants[number] ?? []) {
    const { error } = await world.up(await world.program({ seed: `builder-${number}-${name}` }), wishOf(name, masters));
    if (error !== undefined) throw error;
  }
  await emulator.close();
  return { folder, empty };
};

/** Both clouds in every story's initial state: built once for all stories of a process. */
export const buildStage = async (t: Cleanup): Promise<readonly Stored[]> => [await build(t, 0), await build(t, 1)];

/** Identifies callers by token, and receives their changes. */
export interface Ear {
  readonly callerOf: (token: string) => string | undefined;
  readonly tell: (site: Site, entry: AuditEntry) => void;
}

/** Opens both clouds on one clock. */
export const openStage = async (
  t: Cleanup,
  stored: readonly Stored[],
  seed: string,
  ear: Ear,
): Promise<{ clock: VirtualClock; sites: readonly Site[] }> => {
  const folders = stored.map(({ folder }) => {
    const copy = temporaryFolder(t);
    cpSync(folder, copy, { recursive: true });
    return copy;
  });
  const clock = new VirtualClock(Math.max(...folders.map((f) => storedInstant(f) ?? 0)));
  const sites: Site[] = [];
  for (const [i, stateFolder] of folders.entries()) {
    const audit = { callerOf: ear.callerOf, write: (entry: AuditEntry) => ear.tell(site, entry) };
    const ids = seededIds(`${seed}-${i}`);
    const emulator = createEmulator({ clock, ids, project, guests: simulatedGuests, stateFolder, audit });
    lastly(t, () => emulator.close());
    const { endpoint } = await emulator.listen();
    const site: Site = { name: `cloud ${i + 1}`, emulator, endpoint, empty: stored[i]?.empty ?? {}, faults: new Set() };
    sites.push(site);
  }
  return { clock, sites };
};
