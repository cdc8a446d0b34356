import type { Message } from '../lib/message.ts';
import { knownFacts, type Risk, type StepId, type WriteContext } from '../engine/step.ts';
import type { Ref } from '../gce/cloud.ts';
import {
  kinds,
  removableKinds,
  type Bodies,
  type Kind,
  type OwnKind,
  type RemovableKind,
  type Resources,
} from '../gce/kinds.ts';
import { OperatorError } from '../lib/operatorError.ts';
import { command, toRun } from '../lib/remedy.ts';
import { isOurs, markerOf, type Marker } from '../model/marker.ts';
import type { After, CloudStep, Reads, Writes } from './world.ts';

/** One resource of a cluster, as wanted. */
export interface WantedResource<K extends OwnKind> {
  readonly id: StepId;
  readonly title: Message;
  readonly after: After;
  readonly ref: Ref<K>;
  readonly owner: Marker;
  readonly risk?: Risk;
  /** Cluster milliseconds: usual duration and timeout. */
  readonly expectedMs: number;
  readonly timeoutMs: number;
  readonly detail?: string;
  readonly gcloud: string;
  body(ctx: WriteContext<Writes>): Bodies[K];
  /** How our existing resource differs from the wanted one, and the patch that corrects it. */
  differs?(found: Resources[K]): { detail: string; patch: Record<string, unknown> } | undefined;
  /** Whether an existing resource is ours; default: marker and exact name. */
  ours?(found: Resources[K]): boolean;
}

/** A step that ensures a resource: find → compare → create or patch; foreign ones are refused, never touched. */
export const ensure = <K extends OwnKind>(
  wanted: WantedResource<K>,
): CloudStep<Resources[K], Resources[K] | undefined> => ({
  id: wanted.id,
  title: wanted.title,
  after: wanted.after,
  ...(wanted.risk === undefined ? {} : { risk: wanted.risk }),
  timeoutMs: wanted.timeoutMs,
  expectedMs: wanted.expectedMs,
  observe: (ctx) => ctx.world.cloud.compute.get(wanted.ref),
  decide: (seen) => {
    const found = knownFacts(seen);
    if (found === undefined)
      return { do: 'create', gcloud: wanted.gcloud, ...(wanted.detail === undefined ? {} : { detail: wanted.detail }) };
    if (!(wanted.ours?.(found) ?? isOurs(wanted.owner, found, wanted.ref.name)))
      return { do: 'refuse', error: foreign(wanted.ref, found) };
    const change = wanted.differs?.(found);
    return change === undefined ? { do: 'nothing', out: found } : { do: 'update', detail: change.detail };
  },
  perform: async (ctx, change, before) => {
    const { compute } = ctx.world.cloud;
    if (change.do === 'create') await compute.insert(wanted.ref, wanted.body(ctx), ctx.call());
    const found = before ?? (await present(ctx, wanted.ref));
    const difference = change.do === 'update' ? wanted.differs?.(found) : undefined;
    if (difference !== undefined)
      await compute.act(await compute.own(wanted.ref), 'patch', difference.patch, ctx.call('patch'));
    return found;
  },
  inverse: (after) =>
    remove({ id: `remove-${wanted.id}`, title: removalTitle(wanted.ref), after, ref: wanted.ref, owner: wanted.owner }),
});

const present = async <K extends OwnKind>(ctx: WriteContext<Writes>, ref: Ref<K>): Promise<Resources[K]> => {
  const found = await ctx.world.cloud.compute.get(ref);
  if (found !== undefined) return found;
  throw new OperatorError('conflict', `Not found right after it was created: ${words(ref)}`, { retry: 'soon' });
};

/** Refusal of a resource that has our name but not our marker. */
export const foreign = (
  ref: Ref<OwnKind>,
  found: { description?: string; labels?: Readonly<Record<string, string>> },
): OperatorError => {
  const marker = markerOf(found);
  const whose =
    marker === undefined ? 'it has no Trizone marker' : `it belongs to cluster ${marker.cluster}, uid ${marker.uid}`;
  return new OperatorError('foreign', `Already exists but is not part of this cluster: ${words(ref)} (${whose})`, {
    remedy:
      marker === undefined
        ? 'Choose another name, or rename or delete that resource yourself.'
        : toRun('See', command`trizone leftovers`),
  });
};

/** "disk kubernetes-master-pd in europe-west1-b" */
export const words = (ref: Ref<RemovableKind>): string =>
  `${kinds[ref.kind].noun} ${ref.name}${ref.zone === undefined ? '' : ` in ${ref.zone}`}`;

/** One resource that should no longer exist. */
export interface UnwantedResource {
  readonly id: StepId;
  readonly title: Message;
  readonly after: After;
  readonly ref: Ref<RemovableKind>;
  readonly owner: Marker;
  readonly risk?: Risk;
  /** Whether the existing resource is the one to delete; default: marker and exact name. */
  readonly ours?: (found: Resources[Kind]) => boolean;
  /** Why it must stay at that moment, in words; undefined if it can be deleted. */
  keep?(world: Reads): Promise<string | undefined>;
  /** Cluster milliseconds; default: 15 s. */
  readonly expectedMs?: number;
}

const removeTimeoutMs = 15 * 60_000;

/** A resource to be deleted: its current state, or why it must stay. */
interface Removable {
  readonly found: Resources[RemovableKind] | undefined;
  readonly stays?: string;
}

/**
 * A step that ensures that a resource is gone; one that is not ours is left alone, and reported. Ownership is read each
 * time.
 */
export const remove = (unwanted: UnwantedResource): CloudStep<void, Removable> => ({
  id: unwanted.id,
  title: unwanted.title,
  after: unwanted.after,
  ...(unwanted.risk === undefined ? {} : { risk: unwanted.risk }),
  timeoutMs: removeTimeoutMs,
  expectedMs: unwanted.expectedMs ?? 15_000,
  observe: async (ctx) => {
    const stays = await unwanted.keep?.(ctx.world);
    return stays === undefined
      ? { found: await ctx.world.cloud.compute.get(unwanted.ref) }
      : { found: undefined, stays };
  },
  decide: (seen) => {
    const { found, stays } = knownFacts(seen);
    if (stays !== undefined) return { do: 'nothing', out: undefined, detail: stays };
    if (found === undefined) return { do: 'nothing', out: undefined };
    if (!(unwanted.ours?.(found) ?? isOurs(unwanted.owner, found, unwanted.ref.name)))
      return { do: 'nothing', out: undefined, detail: 'not part of this cluster: left unchanged' };
    return { do: 'delete', gcloud: deleteLine(unwanted.ref) };
  },
  perform: async (ctx, _change, { found }) => {
    const { compute } = ctx.world.cloud;
    if (found !== undefined && 'deletionProtection' in found && found.deletionProtection) {
      const target = await compute.own(unwanted.ref);
      await compute.act(target, 'setDeletionProtection', { deletionProtection: false }, ctx.call('unprotect'));
    }
    await compute.remove(await compute.own(unwanted.ref, unwanted.ours), ctx.call());
  },
});

/** A step that deletes exactly this resource; its ID and title are derived from the resource. */
export const removal = (
  ref: Ref<RemovableKind>,
  owner: Marker,
  after: After,
  more: Pick<UnwantedResource, 'expectedMs' | 'ours' | 'risk'> = {},
): CloudStep<void> => {
  const where = ref.zone === undefined ? '' : `${ref.zone}/`;
  return remove({
    id: `remove-${ref.kind}:${where}${ref.name}`,
    title: removalTitle(ref),
    after,
    ref,
    owner,
    ...more,
  });
};

const removalTitle = ({ kind, name, zone }: Ref<RemovableKind>): Message => ({
  text: removalText(kind),
  names: zone === undefined ? [name] : [name, zone],
});

const removalText = (kind: RemovableKind): string =>
  `Delete ${kinds[kind].noun} {0}${kinds[kind].scope === 'zone' ? ' in {1}' : ''}`;

/** Titles of the removal steps, by kind, for translation. */
export const removalTexts = (): string[] => removableKinds.map(removalText);

const scopeFlag = (ref: Ref): string =>
  ref.zone !== undefined ? ` --zone=${ref.zone}` : ref.region !== undefined ? ` --region=${ref.region}` : '';

const deleteLine = (ref: Ref<RemovableKind>): string =>
  `gcloud compute ${kinds[ref.kind].gcloud} delete ${ref.name}${scopeFlag(ref)}`;

/** The gcloud command that creates the resource, for the plan; `flags` in gcloud's syntax. */
export const createLine = (ref: Ref<OwnKind>, flags: string): string =>
  `gcloud compute ${kinds[ref.kind].gcloud} create ${ref.name}${scopeFlag(ref)} ${flags}`.trimEnd();
