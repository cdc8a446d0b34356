import { masterPattern } from '../../../src/model/names.ts';
import { markerOf } from '../../../src/model/marker.ts';
import { wishOf, zones, type ClusterName, type Site } from './stage.ts';
import { Truth } from './truth.ts';

/** Pool names in the stories: similar ones, and every cluster's initial one. */
export const poolNames = ['group', 'p', 'p-q'] as const;

type Zone = 0 | 1 | 2;

/** An operator's request; `nth` counts what exists at that moment. */
export type Deed =
  | { readonly do: 'up'; readonly masters: number }
  | { readonly do: 'down' | 'make-ha' }
  | { readonly do: 'replicate'; readonly zone: Zone }
  | { readonly do: 'replicate-beside'; readonly nth: number }
  | { readonly do: 'master-remove' | 'master-repair' | 'master-start' | 'drill-halt'; readonly nth: number }
  | { readonly do: 'pool-add' | 'pool-resize'; readonly zone: Zone; readonly pool: number; readonly nodes: number }
  | { readonly do: 'pool-remove'; readonly zone: Zone; readonly pool: number }
  | { readonly do: 'protect'; readonly on: boolean };

/** uid of a cluster by name in a cloud. */
export const uidOf = (site: Site, cluster: string): string | undefined =>
  new Truth(site.emulator).roots().find((r) => r.record.cluster === cluster)?.record.uid;

/** The current masters of a cluster, by name. */
const mastersOf = (site: Site, cluster: string): { readonly name: string; readonly zone: string }[] => {
  const uid = uidOf(site, cluster);
  return new Truth(site.emulator)
    .things('instances')
    .filter(([, i]) => uid !== undefined && markerOf(i)?.uid === uid)
    .map(([path, { name = '' }]) => ({ name, zone: path.split('/')[1] ?? '' }))
    .filter(({ name }) => masterPattern(cluster).test(name))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
};

/** A request in the form of both front ends. */
export interface Told {
  readonly verb: { readonly verb: string; readonly request: object };
  /** Command line arguments without --cluster and --yes. */
  readonly words: readonly string[];
}

/** Translates a request into the editor's verb and command line arguments; undefined if its target does not exist. */
export const tell = (deed: Deed, site: Site, cluster: ClusterName): Told | undefined => {
  switch (deed.do) {
    case 'up': {
      const wish = wishOf(cluster, deed.masters);
      const ranges = { 'subnet-range': wish.subnetCidr, 'pod-range': wish.podCidr, 'service-range': wish.serviceCidr };
      const words = Object.entries(ranges).flatMap(([o, value]) => (value === undefined ? [] : [`--${o}`, value]));
      return {
        verb: { verb: 'up', request: wish },
        words: ['up', '--zones', (wish.zones ?? []).join(), '--nodes', '1', ...words],
      };
    }
    case 'down':
      return { verb: { verb: 'down', request: { cluster } }, words: ['down'] };
    case 'make-ha':
      return {
        verb: { verb: 'make-ha', request: { cluster, zones } },
        words: ['make-ha', '--zones', zones.join()],
      };
    case 'replicate':
      return tellReplicate(cluster, zones[deed.zone]);
    case 'protect':
      return {
        verb: { verb: deed.on ? 'protect' : 'unprotect', request: { cluster } },
        words: ['protect', deed.on ? 'on' : 'off'],
      };
    case 'pool-add':
    case 'pool-resize':
    case 'pool-remove':
      return tellPool(deed, cluster);
    default:
      return tellMaster(deed, mastersOf(site, cluster), cluster);
  }
};

const tellPool = (
  deed: Extract<Deed, { do: 'pool-add' | 'pool-resize' | 'pool-remove' }>,
  cluster: ClusterName,
): Told => {
  const place = { cluster, zone: zones[deed.zone], pool: poolNames[deed.pool] };
  const words = ['pool', deed.do.slice(5), '--zone', place.zone, '--pool', place.pool ?? ''];
  if (deed.do === 'pool-remove') return { verb: { verb: 'pool-remove', request: place }, words };
  const wish = { ...place, nodes: deed.nodes };
  return { verb: { verb: deed.do, request: wish }, words: [...words, '--nodes', String(deed.nodes)] };
};

const tellMaster = (
  deed: Extract<Deed, { readonly nth: number }>,
  masters: readonly { readonly name: string; readonly zone: string }[],
  cluster: ClusterName,
): Told | undefined => {
  const master = masters[deed.nth % Math.max(1, masters.length)];
  if (master === undefined) return undefined;
  const { name, zone } = master;
  if (deed.do === 'replicate-beside') return tellReplicate(cluster, zone);
  const [what = '', how = ''] = deed.do.split('-');
  return { verb: { verb: deed.do, request: { cluster, name } }, words: [what, how, name] };
};

const tellReplicate = (cluster: ClusterName, zone: string): Told => ({
  verb: { verb: 'replicate', request: { cluster, zone } },
  words: ['replicate', '--zone', zone],
});
