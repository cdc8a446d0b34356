import type { Cloud } from '../cloud.ts';
import { labelsFingerprint, newId, sameFingerprint, timestamp } from '../cloud.ts';
import { regionNames, zoneNames } from '../data/zones.ts';
import { alreadyExists, conditionNotMet, inUse, invalidField, notFound, notReady, ApiError } from '../http/apiError.ts';
import { type ApiCall, type Handler, scopeOf, textOf } from './call.ts';
import { aggregatedAnswer, listAnswer, unreachableScope } from './lists.ts';
import { type OperationEffect, heldBy, type Task, startOperation } from './operations.ts';
import { linkOf, longPath, partsOf, pathOf, type Scope, scopeKey } from './paths.ts';
import { enforceQuota } from './quota.ts';
import { drop, find, referrers, resources, save, type Referring } from './catalog.ts';
import type { StoredOperation, Resource } from './resources.ts';

/** API service that serves a kind in a scope. */
export interface ServedAt {
  readonly name: string;
  readonly scope: 'zone' | 'region' | 'global';
}

/** The rules of one resource kind; this file implements all generic behavior. */
export interface KindRules extends Referring {
  /** Noun in messages: `The network resource '…' is already being used by '…'`. */
  readonly noun: string;
  /** Value of the field `kind`, after `compute#`. */
  readonly type: string;
  readonly services: readonly ServedAt[];
  /** Validates the body beyond the schema and returns the new resource's fields; must not change state. */
  readonly draft: (cloud: Cloud, call: ApiCall, scope: Scope) => object;
  /** Fields computed on read. */
  readonly view?: (cloud: Cloud, resource: never, path: string) => object;
  /** Whether deleting a resource in use is refused by the request or fails in the operation. */
  readonly inUseAnswer: 'request' | 'operation';
  /** Whether insert accepts labels; false if only setLabels takes them. */
  readonly labelsAtInsert?: boolean;
  readonly quota?: { readonly metric: string; readonly scope: 'project' | 'region' };
  /** Lifecycle hooks; they run inside the transaction of the request or event. */
  readonly inserting?: (cloud: Cloud, path: string, call: ApiCall) => void;
  readonly inserted?: OperationEffect;
  readonly mayDelete?: (cloud: Cloud, path: string, call: ApiCall) => void;
  /** Not called when a fault will fail the delete. */
  readonly deleting?: (cloud: Cloud, path: string, operation: StoredOperation) => void;
  /** The delete ends when the kind calls `finishSoon`, not after a time. */
  readonly openDelete?: boolean;
  readonly deleted?: (cloud: Cloud, path: string, resource: never) => void;
  readonly methods?: Readonly<Record<string, Handler>>;
  readonly effects?: Readonly<Record<string, OperationEffect>>;
}

/** The resource of a call, by name or numeric ID; throws a 404. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the caller knows the type from the path
export const findNamed = <R extends Resource>(
  cloud: Cloud,
  collection: string,
  call: ApiCall,
): R & { path: string } => {
  const name = call.params[resourceParam(call)] ?? '';
  const path = pathOf(scopeOf(call), collection, name);
  const found = find<R>(cloud, path) ?? byId<R>(cloud, collection, call, name);
  if (found === undefined) throw notFound(longPath(cloud.project, path));
  return { ...found, path: pathOf(scopeOf(call), collection, found.name) };
};

/** Starts the operation of a mutation, with the request's fault and request ID. */
export const requestOperation = (
  cloud: Cloud,
  call: ApiCall,
  target: { readonly path: string; readonly id: string },
  verb: string,
  payload?: unknown,
): StoredOperation =>
  startOperation(cloud, {
    target: target.path,
    targetId: target.id,
    verb,
    payload,
    fault: call.fault,
    requestId: call.query.requestId,
  });

// The last path parameter names the resource.
const resourceParam = (call: ApiCall): string => Object.keys(call.params).at(-1) ?? '';

// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the caller knows the type from the path
const byId = <R extends Resource>(cloud: Cloud, collection: string, call: ApiCall, id: string): R | undefined =>
  /^\d+$/.test(id)
    ? resources<R>(cloud, collection, scopeKey(scopeOf(call))).find(({ resource }) => resource.id === id)?.resource
    : undefined;

/** A stored resource as clients see it. */
export const viewOf = (cloud: Cloud, rules: KindRules, path: string, resource: Resource): object => ({
  ...resource,
  ...rules.view?.(cloud, resource as never, path),
});

/** The standard methods of a kind. */
export const kindMethods = (rules: KindRules): [string, Handler][] =>
  rules.services.flatMap(({ name }): [string, Handler][] => {
    const own = Object.entries(rules.methods ?? {}).map(([method, handler]): [string, Handler] => [
      `${name}.${method}`,
      handler,
    ]);
    return [
      [`${name}.Get`, (cloud, call) => getResource(cloud, rules, call)],
      [`${name}.List`, (cloud, call) => listResources(cloud, rules, call)],
      [`${name}.AggregatedList`, (cloud, call) => aggregatedList(cloud, rules, call)],
      [`${name}.Insert`, (cloud, call) => insertInto(cloud, rules, call, scopeOf(call))],
      [`${name}.Delete`, (cloud, call) => deleteResource(cloud, rules, call)],
      [`${name}.SetLabels`, (cloud, call) => setLabels(cloud, rules, call)],
      ...own,
    ];
  });

/** Effects of a kind's operations. */
export const kindEffects = (rules: KindRules): [string, OperationEffect][] => [
  [`${rules.collection}.insert`, { ...rules.inserted, fail: (cloud, task, f) => undoInsert(cloud, rules, task, f) }],
  [`${rules.collection}.delete`, { apply: (cloud, task) => finishDelete(cloud, rules, task) }],
  [`${rules.collection}.setLabels`, { apply: applyLabels }],
  ...Object.entries(rules.effects ?? {}).map(([verb, effect]): [string, OperationEffect] => [
    `${rules.collection}.${verb}`,
    effect,
  ]),
];

const getResource = (cloud: Cloud, rules: KindRules, call: ApiCall): unknown => {
  const { path, ...resource } = findNamed(cloud, rules.collection, call);
  return viewOf(cloud, rules, path, resource);
};

const listResources = (cloud: Cloud, rules: KindRules, call: ApiCall): unknown => {
  const scope = scopeKey(scopeOf(call));
  const items = resources(cloud, rules.collection, scope).map(({ path, resource }) =>
    viewOf(cloud, rules, path, resource),
  );
  const link = linkOf(cloud.project, `${scope}/${rules.collection}`);
  return listAnswer(`compute#${rules.type}List`, link, items, call.query);
};

const aggregatedList = (cloud: Cloud, rules: KindRules, call: ApiCall): unknown => {
  const items = resources(cloud, rules.collection).map(({ path, resource }) => ({
    scope: scopeKey(partsOf(path).scope),
    item: viewOf(cloud, rules, path, resource),
  }));
  const link = linkOf(cloud.project, `aggregated/${rules.collection}`);
  const scopes = rules.services.flatMap((s) => allScopes[s.scope]);
  const isDown = (scope: string): boolean => scope.startsWith('zones/') && cloud.faults.isDown(scope.slice(6));
  const down = scopes.filter(isDown);
  if (down.length > 0 && call.query.returnPartialSuccess !== 'true')
    throw new ApiError(503, 'backendError', `The following scopes are unreachable: ${down.join(', ')}`);
  const reached = items.filter(({ scope }) => !isDown(scope));
  const kind = `compute#${rules.type}AggregatedList`;
  const answer = aggregatedAnswer(kind, link, rules.collection, scopes, reached, call.query);
  return { ...answer, items: { ...answer.items, ...Object.fromEntries(down.map((s) => [s, unreachableScope(s)])) } };
};

const allScopes = {
  global: ['global'],
  region: regionNames.map((r) => `regions/${r}`),
  zone: zoneNames.map((z) => `zones/${z}`),
};

/** Inserts a resource, for a request or for the cloud itself (instances of a managed group). */
export const insertInto = (cloud: Cloud, rules: KindRules, call: ApiCall, scope: Scope): StoredOperation => {
  const name = textOf(call.body, 'name');
  if (name === '')
    throw invalidField('resource.name', '', "Must be a match of regex '(?:[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?)'");
  const path = pathOf(scope, rules.collection, name);
  if (find(cloud, path) !== undefined) throw alreadyExists(longPath(cloud.project, path));
  const drafted = { ...withoutLabels(rules, call.body), ...rules.draft(cloud, call, scope) };
  const resource: Resource = {
    ...drafted,
    ...commonFields(cloud, rules, path),
    ...(labelled.has(rules.collection) && { labelFingerprint: labelsFingerprint(drafted.labels) }),
  };
  checkReferences(cloud, rules, resource);
  if (rules.quota !== undefined) enforceQuota(cloud, rules.quota, scope, 1);
  save(cloud, path, resource);
  rules.inserting?.(cloud, path, call);
  return requestOperation(cloud, call, { path, id: resource.id }, 'insert');
};

const withoutLabels = (rules: KindRules, body: ApiCall['body']): Omit<Resource, 'name'> & { name: string } => {
  const { labels, ...rest } = body;
  return (rules.labelsAtInsert ? { ...rest, ...(labels !== undefined && { labels }) } : rest) as unknown as Resource;
};

const commonFields = (cloud: Cloud, rules: KindRules, path: string): Resource => {
  const { scope, name } = partsOf(path);
  return {
    kind: `compute#${rules.type}`,
    id: newId(cloud),
    name,
    creationTimestamp: timestamp(cloud),
    selfLink: linkOf(cloud.project, path),
    ...(scope.zone !== undefined && { zone: linkOf(cloud.project, `zones/${scope.zone}`) }),
    ...(scope.region !== undefined && { region: linkOf(cloud.project, `regions/${scope.region}`) }),
  };
};

const labelled = new Set(['addresses', 'disks', 'instances', 'forwardingRules']);

const checkReferences = (cloud: Cloud, rules: KindRules, resource: Resource): void => {
  for (const { field, path } of rules.references?.(cloud, resource as never) ?? []) {
    if (find(cloud, path) === undefined) throw missing(cloud, field, path);
    if (heldBy(cloud, path) !== undefined) throw notReady(longPath(cloud.project, path));
  }
};

// A missing network or subnetwork is an invalid field value; any other missing reference is a 404.
const missing = (cloud: Cloud, field: string, path: string): ApiError => {
  const noun = { networks: 'network', subnetworks: 'subnetwork' }[partsOf(path).collection];
  if (noun === undefined) return notFound(longPath(cloud.project, path));
  return invalidField(field, linkOf(cloud.project, path), `The referenced ${noun} resource cannot be found.`);
};

const undoInsert = (
  cloud: Cloud,
  rules: KindRules,
  task: Task,
  failure: Parameters<NonNullable<OperationEffect['fail']>>[2],
): void => {
  const resource = find(cloud, task.target);
  if (resource?.id !== task.targetId) return;
  rules.inserted?.fail?.(cloud, task, failure);
  drop(cloud, task.target);
  rules.deleted?.(cloud, task.target, resource as never);
};

const deleteResource = (cloud: Cloud, rules: KindRules, call: ApiCall): StoredOperation => {
  const resource = findNamed(cloud, rules.collection, call);
  return deleteAt(cloud, rules, call, resource.path, resource.id);
};

/** Deletes a resource, for a request or for the cloud itself. */
export const deleteAt = (cloud: Cloud, rules: KindRules, call: ApiCall, path: string, id: string): StoredOperation => {
  const held = heldBy(cloud, path);
  if (held === 'delete' || (held === 'insert' && rules.collection !== 'instances')) {
    throw notReady(longPath(cloud.project, path));
  }
  rules.mayDelete?.(cloud, path, call);
  if (rules.inUseAnswer === 'request') checkUnused(cloud, rules, path);
  const operation = startOperation(cloud, {
    target: path,
    targetId: id,
    verb: 'delete',
    fault: call.fault,
    requestId: call.query.requestId,
    open: rules.openDelete ?? false,
  });
  if (call.fault === undefined) rules.deleting?.(cloud, path, operation);
  return operation;
};

const checkUnused = (cloud: Cloud, rules: KindRules, path: string): void => {
  const user = referrers(cloud, path)[0];
  if (user !== undefined) throw inUse(rules.noun, longPath(cloud.project, path), longPath(cloud.project, user));
};

const finishDelete = (cloud: Cloud, rules: KindRules, task: Task): void => {
  const resource = find(cloud, task.target);
  if (resource?.id !== task.targetId) return;
  if (rules.inUseAnswer === 'operation') checkUnused(cloud, rules, task.target);
  drop(cloud, task.target);
  rules.deleted?.(cloud, task.target, resource as never);
};

const setLabels = (cloud: Cloud, rules: KindRules, call: ApiCall): StoredOperation => {
  const { path, id } = findNamed(cloud, rules.collection, call);
  const { labels = {}, labelFingerprint } = call.body;
  checkLabelFingerprint(cloud, path, labelFingerprint);
  return requestOperation(cloud, call, { path, id }, 'setLabels', { labels, labelFingerprint });
};

const checkLabelFingerprint = (cloud: Cloud, path: string, given: unknown): void => {
  if (!sameFingerprint(given, find(cloud, path)?.labelFingerprint)) {
    throw conditionNotMet('Labels fingerprint either invalid or resource labels have changed');
  }
};

// Two changes may both pass the request's check; the second fails here, as CONDITION_NOT_MET in its operation.
const applyLabels = (cloud: Cloud, task: Task): void => {
  const resource = find(cloud, task.target);
  if (resource === undefined) throw notFound(longPath(cloud.project, task.target));
  const { labels, labelFingerprint } = task.payload as { labels: Record<string, string>; labelFingerprint: unknown };
  checkLabelFingerprint(cloud, task.target, labelFingerprint);
  save(cloud, task.target, { ...resource, labels, labelFingerprint: labelsFingerprint(labels) });
};
