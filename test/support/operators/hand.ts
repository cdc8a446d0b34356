import { markerOf } from '../../../src/model/marker.ts';
import { asOperatorError } from '../../../src/lib/operatorError.ts';
import { names } from '../../../src/model/names.ts';
import type { VirtualClock } from '../../../src/lib/virtualClock.ts';
import { askCluster } from '../../world/kubeApi.ts';
import { project } from '../cloudWorld.ts';
import { uidOf } from './deeds.ts';
import type { handDeeds } from './events.ts';
import type { Site } from './stage.ts';
import { Truth } from './truth.ts';

/** Kinds of resources that may be deleted manually, one at a time. */
const deletable: readonly string[] = [
  'instances',
  'firewalls',
  'forwardingRules',
  'healthChecks',
  'instanceGroupManagers',
];

/** Another tool: manual use of gcloud and kubectl, with the emulator's own secret. */
export class Hand {
  /** uids of the Nodes cordoned by hand, which no run may uncordon. */
  readonly cordoned = new Set<string>();
  /** uids of the clusters changed behind their operators' backs. */
  readonly touched = new Set<string>();
  private readonly clock: VirtualClock;

  constructor(clock: VirtualClock) {
    this.clock = clock;
  }

  /** Acts on the nth matching thing and returns its name; undefined if none matches. */
  async act(site: Site, cluster: string, what: (typeof handDeeds)[number], nth: number): Promise<string | undefined> {
    const uid = uidOf(site, cluster);
    if (uid === undefined) return undefined;
    if (what !== 'cordon') this.touched.add(uid);
    try {
      if (what === 'cordon' || what === 'delete-node') return await this.onNode(site, cluster, uid, what, nth);
      return await onThing(site, uid, what, nth);
    } catch (error) {
      return `in vain: ${asOperatorError(error).message}`;
    }
  }

  private async onNode(site: Site, cluster: string, uid: string, what: string, nth: number) {
    const nodes = Object.entries(new Truth(site.emulator).masters(uid).nodes).sort(([a], [b]) => (a < b ? -1 : 1));
    const [name, node] = nodes[nth % Math.max(1, nodes.length)] ?? [];
    const config = new Truth(site.emulator).payload(names(cluster).secrets.admin);
    if (name === undefined || node === undefined || config === undefined) return undefined;
    const { endpoint, emulator } = site;
    const reached = { config, endpoint, secret: emulator.secret, clock: this.clock };
    const path = `/api/v1/nodes/${name}`;
    if (what === 'cordon') {
      await askCluster(reached, 'PATCH', path, { spec: { unschedulable: true } });
      this.cordoned.add(node.uid);
    } else await askCluster(reached, 'DELETE', path);
    return name;
  }
}

const onThing = async (site: Site, uid: string, what: 'stop' | 'start' | 'delete', nth: number) => {
  const truth = new Truth(site.emulator);
  const kinds = what === 'delete' ? deletable : ['instances'];
  const all = kinds
    .flatMap((kind) => truth.things(kind))
    .filter(([, thing]) => markerOf(thing)?.uid === uid)
    .filter(([path]) => what !== 'start' || !truth.hasPower(path))
    .map(([path]) => path)
    .sort();
  const path = all[nth % Math.max(1, all.length)];
  if (path === undefined) return undefined;
  const url = `${site.endpoint}/compute/v1/projects/${project}/${path}${what === 'delete' ? '' : `/${what}`}`;
  const headers = { authorization: `Bearer ${site.emulator.secret}` };
  const { status } = await site.emulator.fetch(url, { method: what === 'delete' ? 'DELETE' : 'POST', headers });
  const name = path.split('/').slice(-2).join('/');
  return status === 200 ? name : `${name} in vain: ${status}`;
};
