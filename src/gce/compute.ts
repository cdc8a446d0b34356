import * as v from 'valibot';
import { OperatorError } from '../lib/operatorError.ts';
import { parseAnswer } from './answer.ts';
import type { ComputeCalls } from './calls.ts';
import type {
  BackendHealth,
  Call,
  ComputeWriter,
  ManagedInstance,
  Owned,
  Ref,
  OwnershipRule,
  Survey,
} from './cloud.ts';
import { fromFailure } from './errors.ts';
import { operationFailure } from './failure.ts';
import { insistOn } from '../model/zones.ts';
import { linkName } from '../model/links.ts';
import { count, listOf, short, textField } from './fields.ts';
import type { Actions } from './kind.ts';
import { kinds, type Bodies, type Kind, type OwnKind, type Resources } from './kinds.ts';
import { acceptedOperation, operationAt, operationPath, waitForOperation } from './operations.ts';

const managedInstance = v.object({
  instance: short,
  instanceStatus: textField,
  currentAction: textField,
  lastAttempt: v.nullish(v.object({ errors: v.nullish(v.object({ errors: listOf(v.unknown()) })) })),
});
const member = v.object({ instance: short });
const health = v.object({ healthStatus: listOf(v.object({ instance: short, healthState: textField })) });
const serial = v.object({ contents: textField, next: count });
const attributes = v.object({
  queryValue: v.nullish(v.object({ items: listOf(v.object({ key: v.string(), value: textField })) })),
});
const scopedList = v.tuple([
  v.string(),
  v.objectWithRest({ warning: v.nullish(v.object({ code: textField, message: textField })) }, v.unknown()),
]);

/** Compute Engine of one project. */
export class Compute implements ComputeWriter {
  private readonly calls: ComputeCalls;
  private readonly project: string;
  private readonly clockOfGoogle: () => number | undefined;
  /** Targets returned and not used yet. */
  private readonly owned = new WeakSet<Owned>();

  /** `clockOfGoogle`: milliseconds since the epoch by the last response, undefined before the first one. */
  constructor(calls: ComputeCalls, project: string, clockOfGoogle: () => number | undefined) {
    this.calls = calls;
    this.project = project;
    this.clockOfGoogle = clockOfGoogle;
  }

  async get<K extends Kind>(ref: Ref<K>): Promise<Resources[K] | undefined> {
    const raw = await orUndefined(this.calls.call(kinds[ref.kind].client, 'get', pathOf(this.project, ref)));
    return raw === undefined ? undefined : read(ref.kind, raw);
  }

  async list<K extends Kind>(kind: K, region?: string): Promise<Resources[K][]> {
    const { items, unreachable } = await this.survey(kind);
    insistOn(unreachable, region);
    return [...items];
  }

  async survey<K extends Kind>(kind: K): Promise<Survey<K>> {
    const { client, aggregated, scope, fields } = kinds[kind];
    if (kind === 'projects') return { items: [await this.existing<K>({ kind, name: this.project })], unreachable: [] };
    if (aggregated === undefined) {
      const items = await this.calls.pages(client, 'list', { project: this.project });
      return { items: items.map((item) => read(kind, item)), unreachable: [] };
    }
    const wanted = fields && `nextPageToken,items/*/warning,items/*/${kind}(${fields})`;
    const scopes = await this.calls.scopes(aggregated, { project: this.project }, wanted);
    // An aggregated list also contains resources of other scopes (regional disks, global health checks), which are not
    // of our kind.
    const ofScope = scopes
      .map((s) => parseAnswer('aggregatedList', scopedList, s))
      .filter(([name]) => name.startsWith(scope));
    return {
      items: ofScope.flatMap(([, content]) => itemsOf(kind, content).map((item) => read(kind, item))),
      unreachable: [...new Set(ofScope.flatMap(([name, content]) => (isMissing(content) ? [linkName(name)] : [])))],
    };
  }

  async imageOfFamily(project: string, family: string): Promise<Resources['images']> {
    return read('images', await this.calls.call('images', 'getFromFamily', { project, family }));
  }

  async groupMembers(ref: Ref<'instanceGroups'>): Promise<string[]> {
    // Google requires a body, and the library drops an empty one: so the default is sent explicitly.
    const body = { instanceState: 'ALL' };
    const request = { ...pathOf(this.project, ref), instanceGroupsListInstancesRequestResource: body };
    const items = await this.calls.pages('instanceGroups', 'listInstances', request);
    return items.map((item) => parseAnswer('listInstances', member, item).instance);
  }

  async managedInstances(ref: Ref<'instanceGroupManagers'>): Promise<ManagedInstance[]> {
    const items = await this.calls.pages('instanceGroupManagers', 'listManagedInstances', pathOf(this.project, ref));
    return items.map((item) => {
      const { instance, instanceStatus, currentAction, lastAttempt } = parseAnswer(
        'listManagedInstances',
        managedInstance,
        item,
      );
      const status = instanceStatus === '' ? undefined : instanceStatus;
      const errors = (lastAttempt?.errors?.errors ?? []).map((e) => fromFailure(operationFailure(e)));
      return { name: instance, status, action: currentAction, errors };
    });
  }

  async backendHealth(ref: Ref<'backendServices'>, group: Ref<'instanceGroups'>): Promise<BackendHealth[]> {
    const link = `projects/${this.project}/zones/${group.zone ?? ''}/instanceGroups/${group.name}`;
    const request = { ...pathOf(this.project, ref), resourceGroupReferenceResource: { group: link } };
    const answer = await this.calls.call('regionBackendServices', 'getHealth', request);
    return parseAnswer('getHealth', health, answer).healthStatus.map((health) => ({
      instance: health.instance,
      state: health.healthState,
    }));
  }

  async serialOutput(ref: Ref<'instances'>, start: number): Promise<{ text: string; next: number }> {
    const request = { ...pathOf(this.project, ref), port: 1, start };
    try {
      const answer = await this.calls.call('instances', 'getSerialPortOutput', request, { once: true });
      const { contents, next } = parseAnswer('getSerialPortOutput', serial, answer);
      return { text: contents, next };
    } catch (error) {
      if (OperatorError.is(error, 'not-ready')) return { text: '', next: start }; // the instance is not powered on yet
      throw error;
    }
  }

  async guestAttributes(ref: Ref<'instances'>): Promise<ReadonlyMap<string, string>> {
    const request = { ...pathOf(this.project, ref), queryPath: 'trizone/' };
    const answer = await orUndefined(this.calls.call('instances', 'getGuestAttributes', request));
    const items =
      answer === undefined ? [] : (parseAnswer('getGuestAttributes', attributes, answer).queryValue?.items ?? []);
    return new Map(items.map((item) => [item.key, item.value]));
  }

  async serverNow(): Promise<number> {
    const known = this.clockOfGoogle();
    if (known !== undefined) return known;
    await this.existing({ kind: 'projects', name: this.project });
    const now = this.clockOfGoogle();
    if (now === undefined)
      throw new OperatorError('unavailable', "The response has no Date header, so Google's time is unknown");
    return now;
  }

  async insert<K extends OwnKind>(ref: Ref<K>, body: Bodies[K], call: Call): Promise<void> {
    const { client, one } = kinds[ref.kind];
    // The path's name parameter is not a field of an insert: the library drops it.
    const request = { ...pathOf(this.project, ref), [`${one}Resource`]: { ...body, name: ref.name } };
    await this.mutate(client, 'insert', request, call);
  }

  async own<K extends Kind>(ref: Ref<K>, rule?: OwnershipRule<K>): Promise<Owned<K>> {
    const found = await this.get(ref);
    if (found !== undefined && (await rule?.(found)) !== true)
      throw new OperatorError('foreign', `Left unchanged, its owner is unknown: ${ref.kind} ${ref.name}`);
    const target = { ...ref, found } as Owned<K>; // the only place that creates targets
    this.owned.add(target);
    return target;
  }

  async remove(target: Owned, call: Call): Promise<void> {
    this.spend(target);
    try {
      await this.mutate(kinds[target.kind].client, 'delete', pathOf(this.project, target), call);
    } catch (error) {
      if (!OperatorError.is(error, 'not-found')) throw error;
    }
  }

  async act<A extends keyof Actions>(target: Owned, action: A, body: Actions[A], call: Call): Promise<void> {
    this.spend(target);
    const { client, actions } = kinds[target.kind];
    const row = actions?.[action];
    if (row === undefined) throw new OperatorError('internal', `Unknown action: ${action} on ${target.kind}`);
    const content = row.body === undefined ? body : { [row.body]: body };
    await this.mutate(client, action, { ...pathOf(this.project, target, row.name), ...content }, call);
  }

  async waitAgain(operation: string, signal: AbortSignal): Promise<void> {
    await orUndefined(waitForOperation(this.calls, this.project, operationAt(operation), signal));
  }

  // A target is valid for one change only: the next one needs a new read.
  private spend(target: Owned): void {
    if (!this.owned.delete(target))
      throw new OperatorError('internal', `Changed without being read first: ${target.kind} ${target.name}`);
  }

  private async mutate(client: Parameters<ComputeCalls['call']>[0], method: string, request: object, call: Call) {
    const { requestId, signal, onOperation, before } = call;
    const answer = await this.calls.call(client, method, { ...request, requestId }, { signal, before });
    const operation = acceptedOperation(answer);
    onOperation?.(operationPath(operation));
    await waitForOperation(this.calls, this.project, operation, signal);
  }

  private async existing<K extends Kind>(ref: Ref<K>): Promise<Resources[K]> {
    const found = await this.get(ref);
    if (found === undefined) throw new OperatorError('not-found', `Not found: ${ref.kind} ${ref.name}`);
    return found;
  }
}

/** A resource's scope and name as request parameters. */
const pathOf = (project: string, ref: Ref, nameParameter = kinds[ref.kind].one): Record<string, string> => {
  const { scope } = kinds[ref.kind];
  const place = scope === 'global' ? {} : { [scope]: (scope === 'zone' ? ref.zone : ref.region) ?? '' };
  return ref.kind === 'projects' ? { project: ref.name } : { project, ...place, [nameParameter]: ref.name };
};

// TypeScript cannot infer from the table that a kind's schema yields that kind's type.
const read = <K extends Kind>(kind: K, raw: unknown): Resources[K] =>
  parseAnswer(kind, kinds[kind].schema, raw) as Resources[K];

const orUndefined = async <T>(answer: Promise<T>): Promise<T | undefined> => {
  try {
    return await answer;
  } catch (error) {
    if (OperatorError.is(error, 'not-found')) return undefined;
    throw error;
  }
};

type Scoped = v.InferOutput<typeof scopedList>[1];

const itemsOf = (kind: Kind, content: Scoped): unknown[] => {
  const items = content[kind];
  return Array.isArray(items) ? (items as unknown[]) : [];
};

// UNREACHABLE, or an unknown warning: missing resources must not look like none.
const isMissing = ({ warning }: Scoped): boolean =>
  Boolean(warning) && warning?.code !== '' && warning?.code !== 'NO_RESULTS_ON_PAGE';
