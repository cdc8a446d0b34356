import * as v from 'valibot';
import { parse } from 'yaml';
import { wallClock } from '../../lib/clock.ts';
import { randomText, uuid4 } from '../../lib/ids.ts';
import { OperatorError } from '../../lib/operatorError.ts';
import { failure, success, type Answer } from './answer.ts';
import type { ClusterData } from './clusterState.ts';
import { isFinalized, isLeaving, marked } from './controllers/finalizers.ts';
import { leaving, without } from './controllers/workloads.ts';
import { kubeTime, type KubeObject } from './kubeObject.ts';
import { changeNode, deleteNode } from './nodeChanges.ts';
import { jsonPatch, mergePatch, strategicPatch } from './patches.ts';
import { objectNotFound } from './notFound.ts';
import type { ApiRequest, RequestScope, RequestTarget } from './apiRequest.ts';
import { podTimes } from './podLife.ts';
import { freeServiceIp, withNodePorts } from './serviceAddresses.ts';
import {
  claimSpec,
  objectKey,
  podSpec,
  serviceSpec,
  volumeSpec,
  workloadSpec,
  type StoredObject,
} from './storedObject.ts';

const objectSchema = v.looseObject({
  metadata: v.optional(
    v.looseObject({
      name: v.optional(v.string()),
      generateName: v.optional(v.string()),
      resourceVersion: v.optional(v.string()),
    }),
    {},
  ),
});

type Given = v.InferOutput<typeof objectSchema>;

const bad = (what: string): OperatorError => new OperatorError('bad-request', what);
const noQuorum = failure(500, 'etcdserver: request timed out');

/** Answers a mutating request. */
export const changed = (scope: RequestScope, target: RequestTarget, request: ApiRequest): Answer => {
  const { resource, name } = target;
  const refused = failure(405, 'the server does not allow this method on the requested resource');
  if (resource.changes === 'none') return refused;
  if (request.type.includes('protobuf'))
    return failure(
      415,
      'the body of the request was in an unknown format - accepted media types include: application/json, application/yaml',
    );
  if (resource.kind === 'Node') {
    if (name === undefined) return refused;
    if (request.method === 'DELETE') return deleteNode(scope, name);
    return request.method === 'PATCH' ? changeNode(scope, target, name, (node) => patched(node, request)) : refused;
  }
  if (request.method === 'POST' && name === undefined) return create(scope, target, given(request.body));
  if (name === undefined) return refused;
  if (request.method === 'DELETE') return remove(scope, target, name, request);
  if (request.method === 'PUT') return update(scope, target, name, () => given(request.body));
  if (request.method === 'PATCH') return patch(scope, target, name, request);
  return refused;
};

const given = (body: string): Given => {
  const parsed = v.safeParse(objectSchema, parse(body));
  if (!parsed.success) throw bad('the object provided is unrecognized');
  return parsed.output;
};

const patched = (before: unknown, { type, body }: ApiRequest): Given => {
  const patch: unknown = parse(body);
  const ways: Readonly<Record<string, (before: unknown, patch: unknown) => unknown>> = {
    'application/merge-patch+json': mergePatch,
    'application/strategic-merge-patch+json': strategicPatch,
    'application/apply-patch+yaml': strategicPatch,
    'application/json-patch+json': jsonPatch,
  };
  const way = ways[type];
  if (way === undefined) throw bad(`the body of the request was in an unknown format: ${type}`);
  return v.parse(objectSchema, way(before, patch));
};

const patch = (scope: RequestScope, target: RequestTarget, name: string, request: ApiRequest): Answer => {
  const isThere = scope.view.data.objects[keyOf(target, name)] !== undefined;
  if (!isThere && request.type === 'application/apply-patch+yaml') {
    const wanted = given(request.body);
    return create(scope, target, { ...wanted, metadata: { ...wanted.metadata, name } });
  }
  return update(scope, target, name, (before) => patched(before, request));
};

const keyOf = ({ resource, namespace }: RequestTarget, name: string): string =>
  objectKey(resource.plural, resource.namespaced ? (namespace ?? 'default') : undefined, name);

const create = (scope: RequestScope, target: RequestTarget, wanted: Given): Answer => {
  const { resource, namespace = 'default' } = target;
  const { host, view } = scope;
  const { metadata } = wanted;
  const name =
    metadata.name ?? `${metadata.generateName ?? ''}${randomText(host.ids, 5, 'bcdfghjklmnpqrstvwxz2456789')}`;
  const key = keyOf(target, name);
  if (view.data.objects[key] !== undefined)
    return failure(
      409,
      `${resource.plural} "${name}" already exists`,
      { name, kind: resource.plural },
      'AlreadyExists',
    );
  const home = view.data.objects[objectKey('namespaces', undefined, namespace)];
  if (resource.namespaced && home === undefined)
    return failure(404, `namespaces "${namespace}" not found`, { name: namespace, kind: 'namespaces' });
  if (resource.namespaced && home?.object.metadata.deletionTimestamp !== undefined)
    return failure(
      403,
      `${resource.plural} "${name}" is forbidden: unable to create new content in namespace ${namespace} because it is being terminated`,
    );
  const object: KubeObject = {
    ...wanted,
    apiVersion: resource.root.replace(/^apis?\//, ''),
    kind: resource.kind,
    metadata: {
      ...metadata,
      name,
      ...(resource.namespaced ? { namespace } : {}),
      uid: uuid4(host.ids),
      creationTimestamp: kubeTime(wallClock.now()),
      resourceVersion: '',
    },
  };
  const stored = prepared(view.data, { object, version: view.etcd.index + 1 });
  return put(scope, target, name, stored, 201);
};

// Validates what the API server must understand, then fills in defaults.
const prepared = (data: ClusterData, stored: StoredObject): StoredObject => {
  const { object } = stored;
  if (object.kind === 'Pod') {
    podSpec(object);
    return { ...stored, pod: {} };
  }
  if (object.kind === 'Deployment' || object.kind === 'ReplicaSet') workloadSpec(object);
  if (object.kind === 'PersistentVolumeClaim') {
    claimSpec(object);
    return { ...stored, object: { ...object, status: { phase: 'Pending' } } };
  }
  if (object.kind === 'PersistentVolume') volumeSpec(object);
  if (object.kind !== 'Service') return stored;
  const spec = serviceSpec(object);
  const clusterIP = spec.clusterIP === undefined || spec.clusterIP === '' ? freeServiceIp(data) : spec.clusterIP;
  const full = {
    type: 'ClusterIP',
    sessionAffinity: 'None',
    ...(object.spec as object),
    clusterIP,
    clusterIPs: [clusterIP],
    ...(['NodePort', 'LoadBalancer'].includes(spec.type ?? '') ? { ports: withNodePorts(data, spec.ports) } : {}),
  };
  return { ...stored, object: { ...object, spec: full, status: { loadBalancer: {} } } };
};

const put = (scope: RequestScope, target: RequestTarget, name: string, stored: StoredObject, code: number): Answer => {
  const key = keyOf(target, name);
  const done = scope.write(({ data }) => ({ data: { ...data, objects: { ...data.objects, [key]: stored } } }));
  return done ? { code, body: shown(scope, target, name) ?? stored.object } : noQuorum;
};

const shown = (scope: RequestScope, target: RequestTarget, name: string): KubeObject | undefined => {
  const view = scope.look() ?? scope.view;
  const namespace = target.resource.namespaced ? (target.namespace ?? 'default') : undefined;
  return target.resource
    .objects(scope.host, view)
    .find((o) => o.metadata.name === name && o.metadata.namespace === namespace);
};

const update = (
  scope: RequestScope,
  target: RequestTarget,
  name: string,
  change: (before: KubeObject) => Given,
): Answer => {
  const before = scope.view.data.objects[keyOf(target, name)];
  if (before === undefined) return objectNotFound(target.resource, name);
  const wanted = change(before.object);
  const seen = Number(wanted.metadata.resourceVersion ?? '');
  if (seen > 0 && seen < before.version) {
    const message = `Operation cannot be fulfilled on ${target.resource.plural} "${name}": the object has been modified; please apply your changes to the latest version and try again`;
    return failure(409, message, { name, kind: target.resource.plural });
  }
  const { name: sameName, namespace, uid, creationTimestamp, deletionTimestamp } = before.object.metadata;
  const own = {
    ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
    name: sameName,
    ...(namespace === undefined ? {} : { namespace }),
    uid,
    creationTimestamp,
    resourceVersion: '',
  };
  // Status is written by controllers, not by clients.
  const { apiVersion, kind, status } = before.object;
  const same = { apiVersion, kind, ...(status === undefined ? {} : { status }) };
  const object: KubeObject = { ...wanted, ...same, metadata: { ...wanted.metadata, ...own } };
  const next = { ...before, object, version: scope.view.etcd.index + 1 };
  if (isFinalized(before) && isLeaving(before) && !isFinalized(next)) return erased(scope, target, name, before);
  return put(scope, target, name, next, 200);
};

const optionsSchema = v.looseObject({ gracePeriodSeconds: v.optional(v.nullable(v.number())) });

const remove = (scope: RequestScope, target: RequestTarget, name: string, { body, url }: ApiRequest): Answer => {
  const { host, view } = scope;
  const key = keyOf(target, name);
  const before = view.data.objects[key];
  if (before === undefined) return objectNotFound(target.resource, name);
  const options = body === '' ? {} : v.parse(optionsSchema, parse(body));
  const asked = url.searchParams.get('gracePeriodSeconds');
  const grace = options.gracePeriodSeconds ?? (asked === null ? undefined : Number(asked));
  const stays = target.resource.kind === 'Namespace' || (target.resource.kind === 'Pod' && grace !== 0);
  if (stays) {
    // Its kubelet ends it without a further request.
    host.schedule(scope.machine.key, podTimes.stopMs, 'look', {});
    return put(scope, target, name, leaving(host, before, (grace ?? 30) * 1000), 200);
  }
  // The holders of its finalizers clean up first, then release it.
  if (isFinalized(before)) return put(scope, target, name, marked(before), 200);
  return erased(scope, target, name, before);
};

const erased = (scope: RequestScope, target: RequestTarget, name: string, before: StoredObject): Answer => {
  const key = keyOf(target, name);
  const done = scope.write(({ data }) => ({ data: { ...data, objects: without(data.objects, key) } }));
  const { uid } = before.object.metadata;
  return done ? success(200, { name, kind: target.resource.plural, uid }) : noQuorum;
};
