import * as v from 'valibot';
import { failure, success, type Answer } from './answer.ts';
import type { NodeRecord } from './clusterState.ts';
import { objectNotFound } from './notFound.ts';
import type { RequestScope, RequestTarget } from './apiRequest.ts';

const texts = v.optional(v.record(v.string(), v.string()), {});
const nodeSchema = v.looseObject({
  metadata: v.looseObject({ labels: texts, annotations: texts }),
  spec: v.optional(v.looseObject({ unschedulable: v.optional(v.boolean()) }), {}),
});

const noQuorum = failure(500, 'etcdserver: request timed out');

/** Patches what clients can change on a Node here: unschedulable, labels, annotations. */
export const changeNode = (
  scope: RequestScope,
  target: RequestTarget,
  name: string,
  change: (node: unknown) => unknown,
): Answer => {
  const find = (view: RequestScope['view']) =>
    target.resource.objects(scope.host, view).find((o) => o.metadata.name === name);
  const before = find(scope.view);
  if (before === undefined) return objectNotFound(target.resource, name);
  const { metadata, spec } = v.parse(nodeSchema, change(before));
  const done = scope.write(({ data }) => {
    const node = data.nodes[name];
    if (node === undefined) return { data };
    const next: NodeRecord = {
      ...node,
      labels: added(before.metadata.labels, metadata.labels, node.labels),
      annotations: added(before.metadata.annotations, metadata.annotations, node.annotations),
      unschedulable: spec.unschedulable === true,
    };
    return { data: { ...data, nodes: { ...data.nodes, [name]: next } } };
  });
  return done ? { code: 200, body: find(scope.look() ?? scope.view) } : noQuorum;
};

type Texts = Readonly<Record<string, string>>;

// Only what differs from the values that kubelet and controllers set anyway.
const added = (before: Texts = {}, wanted: Texts, own: Texts = {}): Texts =>
  Object.fromEntries(Object.entries(wanted).filter(([key, value]) => before[key] !== value || own[key] !== undefined));

/** Deletes a Node; its kubelet does not register again before its next start, and its pods are garbage-collected. */
export const deleteNode = (scope: RequestScope, name: string): Answer => {
  const node = scope.view.data.nodes[name];
  if (node === undefined) return failure(404, `nodes "${name}" not found`, { name, kind: 'nodes' });
  const done = scope.write(({ data }) => ({
    data: { ...data, nodes: Object.fromEntries(Object.entries(data.nodes).filter(([other]) => other !== name)) },
  }));
  return done ? success(200, { name, kind: 'nodes', uid: node.uid }) : noQuorum;
};
