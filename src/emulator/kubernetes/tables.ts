import * as v from 'valibot';
import { wallClock } from '../../lib/clock.ts';
import type { KubeObject } from './kubeObject.ts';
import { serviceSpec } from './storedObject.ts';

interface Column {
  readonly name: string;
  readonly type: string;
  /** 1 = only in wide output. */
  readonly priority: number;
}

const column = (name: string, priority = 0, type = 'string'): Column => ({ name, type, priority });

/** Columns and cells of one kind, as the API server's printers produce them (k/k pkg/printers/internalversion). */
interface Printer {
  readonly columns: readonly Column[];
  readonly cells: (object: KubeObject) => readonly (string | number)[];
}

/** A list as `meta.k8s.io/v1 Table`, which kubectl prints. */
export const tableOf = (kind: string, objects: readonly KubeObject[], resourceVersion: string): object => {
  const printer = printers[kind] ?? plain;
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: { resourceVersion },
    columnDefinitions: printer.columns.map((c) => ({ ...c, format: c.name === 'Name' ? 'name' : '', description: '' })),
    rows: objects.map((object) => ({ cells: printer.cells(object), object: partial(object) })),
  };
};

const partial = (object: KubeObject): object => ({
  kind: 'PartialObjectMetadata',
  apiVersion: 'meta.k8s.io/v1',
  metadata: object.metadata,
});

/** Age in kubectl's format (apimachinery duration.HumanDuration). */
export const age = (since: string): string => {
  const seconds = Math.max(0, Math.floor((wallClock.now() - Date.parse(since)) / 1000));
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const days = Math.floor(hours / 24);
  if (seconds < 120) return `${seconds}s`;
  if (minutes < 10) return `${minutes}m${seconds % 60 === 0 ? '' : `${seconds % 60}s`}`;
  if (hours < 3) return `${minutes}m`;
  if (hours < 8) return `${hours}h${minutes % 60 === 0 ? '' : `${minutes % 60}m`}`;
  if (days < 2) return `${hours}h`;
  if (days < 8) return `${days}d${hours % 24 === 0 ? '' : `${hours % 24}h`}`;
  return `${days}d`;
};

const nodeSchema = v.object({
  spec: v.object({ unschedulable: v.optional(v.boolean()) }),
  status: v.object({
    addresses: v.array(v.object({ type: v.string(), address: v.string() })),
    conditions: v.array(v.object({ type: v.string(), status: v.string() })),
    nodeInfo: v.object({
      kubeletVersion: v.string(),
      osImage: v.string(),
      kernelVersion: v.string(),
      containerRuntimeVersion: v.string(),
    }),
  }),
});

const nodePrinter: Printer = {
  columns: [
    column('Name'),
    column('Status'),
    column('Roles'),
    column('Age'),
    column('Version'),
    column('Internal-IP', 1),
    column('External-IP', 1),
    column('OS-Image', 1),
    column('Kernel-Version', 1),
    column('Container-Runtime', 1),
  ],
  cells: (object) => {
    const { spec, status } = v.parse(nodeSchema, object);
    const ready = status.conditions.find((c) => c.type === 'Ready')?.status === 'True' ? 'Ready' : 'NotReady';
    const address = (type: string): string => status.addresses.find((a) => a.type === type)?.address ?? '<none>';
    const prefix = 'node-role.kubernetes.io/';
    const roles = Object.keys(object.metadata.labels ?? {})
      .filter((l) => l.startsWith(prefix))
      .map((l) => l.slice(prefix.length));
    return [
      object.metadata.name,
      spec.unschedulable === true ? `${ready},SchedulingDisabled` : ready,
      roles.join(',') || '<none>',
      age(object.metadata.creationTimestamp),
      status.nodeInfo.kubeletVersion,
      address('InternalIP'),
      address('ExternalIP'),
      status.nodeInfo.osImage,
      status.nodeInfo.kernelVersion,
      status.nodeInfo.containerRuntimeVersion,
    ];
  },
};

const podSchema = v.object({
  metadata: v.object({ deletionTimestamp: v.optional(v.string()) }),
  spec: v.object({ nodeName: v.optional(v.string()), containers: v.array(v.unknown()) }),
  status: v.object({
    phase: v.string(),
    podIP: v.optional(v.string()),
    containerStatuses: v.optional(
      v.array(
        v.object({
          ready: v.boolean(),
          restartCount: v.number(),
          state: v.object({
            waiting: v.optional(v.object({ reason: v.string() })),
            terminated: v.optional(v.object({ reason: v.string() })),
          }),
        }),
      ),
      [],
    ),
  }),
});

const podPrinter: Printer = {
  columns: [
    column('Name'),
    column('Ready'),
    column('Status'),
    column('Restarts'),
    column('Age'),
    column('IP', 1),
    column('Node', 1),
    column('Nominated Node', 1),
    column('Readiness Gates', 1),
  ],
  cells: (object) => {
    const { metadata, spec, status } = v.parse(podSchema, object);
    const containers = status.containerStatuses;
    const state = containers[0]?.state;
    const reason = state?.waiting?.reason ?? state?.terminated?.reason ?? status.phase;
    return [
      object.metadata.name,
      `${containers.filter((c) => c.ready).length}/${spec.containers.length}`,
      metadata.deletionTimestamp === undefined ? reason : 'Terminating',
      String(containers.reduce((sum, c) => sum + c.restartCount, 0)),
      age(object.metadata.creationTimestamp),
      status.podIP ?? '<none>',
      spec.nodeName ?? '<none>',
      '<none>',
      '<none>',
    ];
  },
};

const serviceStatus = v.optional(
  v.object({ loadBalancer: v.object({ ingress: v.optional(v.array(v.object({ ip: v.string() })), []) }) }),
  { loadBalancer: {} },
);

const servicePrinter: Printer = {
  columns: [
    column('Name'),
    column('Type'),
    column('Cluster-IP'),
    column('External-IP'),
    column('Port(s)'),
    column('Age'),
  ],
  cells: (object) => {
    const { type = 'ClusterIP', clusterIP = 'None', ports } = serviceSpec(object);
    const shown = ports.map(
      (p) => `${p.port}${p.nodePort === undefined ? '' : `:${p.nodePort}`}/${p.protocol ?? 'TCP'}`,
    );
    const { loadBalancer } = v.parse(serviceStatus, object.status);
    const none = type === 'LoadBalancer' ? '<pending>' : '<none>';
    const external = loadBalancer.ingress.map((i) => i.ip).join(',') || none;
    return [object.metadata.name, type, clusterIP, external, shown.join(','), age(object.metadata.creationTimestamp)];
  },
};

const endpointsSchema = v.optional(
  v.array(
    v.object({
      addresses: v.optional(v.array(v.object({ ip: v.string() })), []),
      ports: v.array(v.object({ port: v.number() })),
    }),
  ),
  [],
);

const endpointsPrinter: Printer = {
  columns: [column('Name'), column('Endpoints'), column('Age')],
  cells: (object) => {
    const all = v
      .parse(endpointsSchema, object.subsets)
      .flatMap((s) => s.addresses.flatMap(({ ip }) => s.ports.map(({ port }) => `${ip}:${port}`)));
    return [object.metadata.name, all.join(',') || '<none>', age(object.metadata.creationTimestamp)];
  },
};

const counts = v.object({
  spec: v.object({ replicas: v.optional(v.number(), 1) }),
  status: v.object({ replicas: v.number(), readyReplicas: v.number() }),
});

const deploymentPrinter: Printer = {
  columns: [
    column('Name'),
    column('Ready'),
    column('Up-to-date', 0, 'integer'),
    column('Available', 0, 'integer'),
    column('Age'),
  ],
  cells: (object) => {
    const { spec, status } = v.parse(counts, object);
    const { name, creationTimestamp } = object.metadata;
    return [
      name,
      `${status.readyReplicas}/${spec.replicas}`,
      status.replicas,
      status.readyReplicas,
      age(creationTimestamp),
    ];
  },
};

const namespacePrinter: Printer = {
  columns: [column('Name'), column('Status'), column('Age')],
  cells: (object) => {
    const { status } = v.parse(v.object({ status: v.object({ phase: v.string() }) }), object);
    return [object.metadata.name, status.phase, age(object.metadata.creationTimestamp)];
  },
};

const leasePrinter: Printer = {
  columns: [column('Name'), column('Holder'), column('Age')],
  cells: (object) => {
    const { spec } = v.parse(v.object({ spec: v.object({ holderIdentity: v.string() }) }), object);
    return [object.metadata.name, spec.holderIdentity, age(object.metadata.creationTimestamp)];
  },
};

const plain: Printer = {
  columns: [column('Name'), column('Age')],
  cells: (object) => [object.metadata.name, age(object.metadata.creationTimestamp)],
};

const printers: Readonly<Record<string, Printer>> = {
  Deployment: deploymentPrinter,
  Endpoints: endpointsPrinter,
  Lease: leasePrinter,
  Namespace: namespacePrinter,
  Node: nodePrinter,
  Pod: podPrinter,
  Service: servicePrinter,
};
