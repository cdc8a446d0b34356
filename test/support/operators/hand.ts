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

/** Kinds of which a hand may delete one thing. */
const deletable: readonly string[] = [
  'instances',
  'firewalls',
  'forwardingRules',
  'healthChecks',
  'instanceGroupManagers',
];

/** Another tool: gcloud and kubectl in somebody's hands, with the emulator's own secret. */
export class Hand {
  /** Uids of the Nodes that a person has cordoned and that nobody else may open. */
  readonly cordoned = new Set<string>();
  /** Uids of the clusters that are no longer as their operators left them. */
  readonly touched = new Set<string>();
  private readonly clock: VirtualClock;

  constructor(clock: VirtualClock) {
    this.clock = clock;
  }

  /** Does it to the nth thing that fits, and says to what; undefined where none fits. */
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
