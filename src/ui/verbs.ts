import type { Session } from '../compose.ts';
import type { ClusterInput } from '../model/cluster.ts';
import { prepareHalt, prepareSmoke } from '../workflows/drill.ts';
import { prepareMakeHa, prepareMasterRemove, prepareReplicate, type ReplicaWish } from '../workflows/masterVerbs.ts';
import {
  preparePoolAdd,
  preparePoolRemove,
  preparePoolResize,
  type PoolPlace,
  type PoolWish,
} from '../workflows/poolVerbs.ts';
import type { Prepared } from '../workflows/prepared.ts';
import { prepareProtection } from '../workflows/protection.ts';
import { prepareMasterRepair, prepareMasterStart, type MasterWish, type RepairWish } from '../workflows/repairVerb.ts';
import { prepareAgain, prepareDown, prepareUndo, prepareUp } from '../workflows/verbs.ts';
import { prepareZoneRemove, type ZoneWish } from '../workflows/zoneVerb.ts';

/** What the editor does to clusters. */
export type Verb =
  | { readonly do: 'up'; readonly wish: Omit<ClusterInput, 'project'> }
  | { readonly do: 'down'; readonly cluster: string }
  | { readonly do: 'pool-add'; readonly wish: PoolWish }
  | { readonly do: 'pool-resize'; readonly wish: PoolPlace & { readonly nodes: number } }
  | { readonly do: 'pool-remove'; readonly wish: PoolPlace }
  | { readonly do: 'replicate'; readonly wish: ReplicaWish }
  | { readonly do: 'make-ha'; readonly wish: { readonly cluster: string; readonly zones: readonly string[] } }
  | { readonly do: 'master-remove'; readonly wish: { readonly cluster: string; readonly name: string } }
  | { readonly do: 'master-start'; readonly wish: MasterWish }
  | { readonly do: 'master-repair'; readonly wish: RepairWish }
  | { readonly do: 'drill-halt'; readonly wish: MasterWish }
  | { readonly do: 'smoke'; readonly cluster: string }
  | { readonly do: 'protect'; readonly cluster: string; readonly on: boolean }
  | { readonly do: 'zone-remove'; readonly wish: ZoneWish }
  | { readonly do: 'resume'; readonly run: string }
  | { readonly do: 'undo'; readonly run: string };

/** Prepares a verb to be planned; undefined where nothing is left to do. Reads only. */
export const prepareVerb = async (s: Session, verb: Verb, takeOver: boolean): Promise<Prepared | undefined> => {
  const options = { ids: s.ids, takeOver };
  switch (verb.do) {
    case 'up':
      return prepareUp(s.world, { project: s.world.cloud.project, ...verb.wish }, options);
    case 'down':
      return prepareDown(s.world, verb.cluster, options);
    case 'pool-add':
      return preparePoolAdd(s.world, verb.wish, options);
    case 'pool-resize':
      return preparePoolResize(s.world, verb.wish, options);
    case 'pool-remove':
      return preparePoolRemove(s.world, verb.wish, options);
    case 'replicate':
      return prepareReplicate(s.world, verb.wish, options);
    case 'make-ha':
      return prepareMakeHa(s.world, verb.wish, options);
    case 'master-remove':
      return prepareMasterRemove(s.world, verb.wish, options);
    case 'master-start':
      return prepareMasterStart(s.world, verb.wish, options);
    case 'master-repair':
      return prepareMasterRepair(s.world, verb.wish, options);
    case 'drill-halt':
      return prepareHalt(s.world, verb.wish, options);
    case 'smoke':
      return prepareSmoke(s.world, verb, options);
    case 'protect':
      return prepareProtection(s.world, verb.cluster, verb.on);
    case 'zone-remove':
      return prepareZoneRemove(s.world, verb.wish, options);
    case 'resume':
      return prepareAgain(s.world, s.journals.read(verb.run).plan, options, s.journals.list());
    case 'undo':
      return prepareUndo(s.world, s.journals.read(verb.run), options);
  }
};
