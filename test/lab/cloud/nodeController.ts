import * as v from 'valibot';
import type { GuestHost, GuestMachine } from '../../../src/emulator/guestRuntime.ts';
import { refused } from '../../../src/kube/answer.ts';
import type { KubeConnection } from '../../../src/kube/connection.ts';
import { wallClock } from '../../../src/lib/clock.ts';
import { OperatorError } from '../../../src/lib/operatorError.ts';
import { connectionBy } from '../../support/kubeConnection.ts';
import { every } from './every.ts';
import type { CloudLists } from './lists.ts';

const taintKey = 'node.cloudprovider.kubernetes.io/uninitialized';
const everyMs = 1000;

const taint = v.object({ key: v.string() });
const node = v.object({
  metadata: v.object({ name: v.string() }),
  spec: v.object({
    podCIDR: v.optional(v.string()),
    providerID: v.optional(v.string()),
    taints: v.optional(v.array(v.looseObject(taint.entries)), []),
  }),
});
type Node = v.InferOutput<typeof node>;

/**
 * The Node part of Google's cloud controller manager, because the real one cannot
 * be built here: pod range (CloudAllocator), provider ID, zone labels, addresses,
 * the network condition, the taint; and Nodes whose machine is gone.
 */
export class NodeController {
  private readonly host: GuestHost;
  private readonly lists: CloudLists;
  private readonly secret: string;
  private readonly ended = new AbortController();

  /** `secret` is the ID of the cluster's admin kubeconfig. */
  constructor(host: GuestHost, lists: CloudLists, secret: string) {
    this.host = host;
    this.lists = lists;
    this.secret = secret;
  }

  /** Runs until `stop`. */
  run(): Promise<void> {
    return every(everyMs, this.ended.signal, () =>
      this.round().catch((error: unknown) => {
        if (!OperatorError.is(error, 'kubernetes')) throw error; // retries while the API server is unreachable
      }),
    );
  }

  stop(): void {
    this.ended.abort();
  }

  private async round(): Promise<void> {
    const text = await this.lists.secret(this.secret);
    if (text === undefined) return;
    const api = connectionBy(text, wallClock);
    await lead(api);
    const { items } = await api.list('/api/v1/nodes', node);
    const machines = new Map(this.host.machines().map((m) => [m.name, m]));
    await Promise.all(items.map((one) => this.care(api, one, machines.get(one.metadata.name))));
    const instances = await this.lists.instanceNames();
    for (const { metadata } of items.filter((one) => !instances.has(one.metadata.name)))
      await api.send({ method: 'DELETE', path: `/api/v1/nodes/${metadata.name}` });
  }

  private async care(api: KubeConnection, one: Node, machine: GuestMachine | undefined): Promise<void> {
    if (machine === undefined) return;
    const fresh = one.spec.taints.some((t) => t.key === taintKey);
    if (!fresh && one.spec.podCIDR !== undefined) return;
    const path = `/api/v1/nodes/${one.metadata.name}`;
    await patch(api, `${path}/status`, 'strategic-merge-patch+json', { status: statusOf(machine) });
    await patch(api, path, 'merge-patch+json', {
      metadata: { labels: labelsOf(machine) },
      spec: {
        ...(one.spec.podCIDR === undefined && {
          podCIDR: machine.aliasRanges[0],
          podCIDRs: machine.aliasRanges.slice(0, 1),
        }),
        ...(one.spec.providerID === undefined && {
          providerID: `gce://${machine.project}/${machine.zone}/${machine.name}`,
        }),
        taints: one.spec.taints.filter((t) => t.key !== taintKey),
      },
    });
  }
}

// The real one does this by leader election; liveness checks look there.
const lead = async (api: KubeConnection): Promise<void> => {
  const name = 'cloud-controller-manager';
  const renewTime = new Date(wallClock.now()).toISOString().replace('Z', '000Z');
  const spec = { holderIdentity: 'lab', leaseDurationSeconds: 15, renewTime };
  const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name }, spec };
  const path = `/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/${name}?fieldManager=lab&force=true`;
  await patch(api, path, 'apply-patch+yaml', lease);
};

const labelsOf = ({ zone, region }: GuestMachine): object => ({
  'topology.kubernetes.io/zone': zone,
  'topology.kubernetes.io/region': region,
  'node.kubernetes.io/instance-type': 'lab',
});

const statusOf = (m: GuestMachine, now = new Date(wallClock.now()).toISOString()): object => ({
  addresses: [
    { type: 'InternalIP', address: m.internalIp },
    ...(m.externalIp === undefined ? [] : [{ type: 'ExternalIP', address: m.externalIp }]),
    { type: 'Hostname', address: m.name },
  ],
  conditions: [
    {
      type: 'NetworkUnavailable',
      status: 'False',
      reason: 'RouteCreated',
      message: 'NodeController create implicit route',
      lastTransitionTime: now,
      lastHeartbeatTime: now,
    },
  ],
});

// Objects that changed or were deleted are handled in the next round, as are API
// servers that fail or have just started and have not loaded their roles yet (403).
const patch = async (api: KubeConnection, path: string, type: string, change: object): Promise<void> => {
  const body = { type: `application/${type}`, text: JSON.stringify(change) };
  const { status, text } = await api.send({ method: 'PATCH', path, body });
  if (status >= 500 || status === 403) throw refused(`PATCH ${path}`, status, text);
  if (![200, 201, 404, 409].includes(status)) throw new Error(`PATCH ${path} answered ${status}: ${text}`);
};
