import type { Message } from '../lib/message.ts';
import { factsOf, type Risk, type StepId, type WriteContext } from '../engine/step.ts';
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

/** One resource of a cluster as it should be. */
export interface Wanted<K extends OwnKind> {
  readonly id: StepId;
  readonly title: Message;
  readonly after: After;
  readonly ref: Ref<K>;
  readonly owner: Marker;
  readonly risk?: Risk;
  /** Cluster milliseconds: what it usually takes, and when to give up. */
  readonly expectedMs: number;
  readonly timeoutMs: number;
  readonly detail?: string;
  readonly gcloud: string;
  body(ctx: WriteContext<Writes>): Bodies[K];
  /** What of an existing resource of ours is not as wanted, and the patch that mends it. */
  differs?(found: Resources[K]): { detail: string; patch: Record<string, unknown> } | undefined;
  /** Whether a resource that exists is ours; where nothing is said, marker and exact name. */
  ours?(found: Resources[K]): boolean;
}

/** The step that makes a resource be there: find → compare → create or patch; foreign ones are refused, never touched. */
export const ensure = <K extends OwnKind>(w: Wanted<K>): CloudStep<Resources[K], Resources[K] | undefined> => ({
  id: w.id,
  title: w.title,
  after: w.after,
  ...(w.risk === undefined ? {} : { risk: w.risk }),
  timeoutMs: w.timeoutMs,
  expectedMs: w.expectedMs,
  observe: (ctx) => ctx.world.cloud.compute.get(w.ref),
  decide: (seen) => {
    const found = factsOf(seen);
    if (found === undefined)
      return { do: 'create', gcloud: w.gcloud, ...(w.detail === undefined ? {} : { detail: w.detail }) };
    if (!(w.ours?.(found) ?? isOurs(w.owner, found, w.ref.name))) return { do: 'refuse', error: foreign(w.ref, found) };
    const change = w.differs?.(found);
    return change === undefined ? { do: 'nothing', out: found } : { do: 'update', detail: change.detail };
  },
  perform: async (ctx, change, before) => {
    const { compute } = ctx.world.cloud;
    if (change.do === 'create') await compute.insert(w.ref, w.body(ctx), ctx.call());
    const found = before ?? (await present(ctx, w.ref));
    const difference = change.do === 'update' ? w.differs?.(found) : undefined;
    if (difference !== undefined)
      await compute.act(await compute.own(w.ref), 'patch', difference.patch, ctx.call('patch'));
    return found;
  },
  inverse: (after) => remove({ id: `remove-${w.id}`, title: removalTitle(w.ref), after, ref: w.ref, owner: w.owner }),
});

const present = async <K extends OwnKind>(ctx: WriteContext<Writes>, ref: Ref<K>): Promise<Resources[K]> => {
  const found = await ctx.world.cloud.compute.get(ref);
  if (found !== undefined) return found;
  throw new OperatorError('conflict', `Not found right after it was created: ${words(ref)}`, { retry: 'soon' });
};

/** Refusal of a resource that bears our name but not our marker. */
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

/** One resource that should not be there any more. */
export interface Unwanted {
  readonly id: StepId;
  readonly title: Message;
  readonly after: After;
  readonly ref: Ref<RemovableKind>;
  readonly owner: Marker;
  readonly risk?: Risk;
  /** Whether what is there is what should go; where nothing is said, marker and exact name. */
  readonly ours?: (found: Resources[Kind]) => boolean;
  /** Why it has to stay at that moment, in words; undefined where it may go. */
  keep?(world: Reads): Promise<string | undefined>;
  /** Cluster milliseconds; 15 s where nothing is said. */
  readonly expectedMs?: number;
}

const removeTimeoutMs = 15 * 60_000;

/** A resource that should go: what there is of it, or why it has to stay. */
interface Removable {
  readonly found: Resources[RemovableKind] | undefined;
  readonly stays?: string;
}

/** The step that makes a resource be gone; one that is not ours is left alone, in words. Ownership is read each time. */
export const remove = (u: Unwanted): CloudStep<void, Removable> => ({
  id: u.id,
  title: u.title,
  after: u.after,
  ...(u.risk === undefined ? {} : { risk: u.risk }),
  timeoutMs: removeTimeoutMs,
  expectedMs: u.expectedMs ?? 15_000,
  observe: async (ctx) => {
    const stays = await u.keep?.(ctx.world);
    return stays === undefined ? { found: await ctx.world.cloud.compute.get(u.ref) } : { found: undefined, stays };
  },
  decide: (seen) => {
    const { found, stays } = factsOf(seen);
    if (stays !== undefined) return { do: 'nothing', out: undefined, detail: stays };
    if (found === undefined) return { do: 'nothing', out: undefined };
    if (!(u.ours?.(found) ?? isOurs(u.owner, found, u.ref.name)))
      return { do: 'nothing', out: undefined, detail: 'not part of this cluster: left unchanged' };
    return { do: 'delete', gcloud: deleteLine(u.ref) };
  },
  perform: async (ctx, _change, { found }) => {
    const { compute } = ctx.world.cloud;
    if (found !== undefined && 'deletionProtection' in found && found.deletionProtection) {
      const target = await compute.own(u.ref);
      await compute.act(target, 'setDeletionProtection', { deletionProtection: false }, ctx.call('unprotect'));
    }
    await compute.remove(await compute.own(u.ref, u.ours), ctx.call());
  },
});

/** The removal of a resource that is exactly this one; its step and its title are named after it. */
export const removal = (
  ref: Ref<RemovableKind>,
  owner: Marker,
  after: After,
  more: Pick<Unwanted, 'expectedMs' | 'ours' | 'risk'> = {},
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

/** What the steps that remove a resource are called, by kind, for translations. */
export const removalTexts = (): string[] => removableKinds.map(removalText);

const scopeFlag = (ref: Ref): string =>
  ref.zone !== undefined ? ` --zone=${ref.zone}` : ref.region !== undefined ? ` --region=${ref.region}` : '';

const deleteLine = (ref: Ref<RemovableKind>): string =>
  `gcloud compute ${kinds[ref.kind].gcloud} delete ${ref.name}${scopeFlag(ref)}`;

/** The gcloud line of a create, for the plan; `flags` as gcloud writes them. */
export const createLine = (ref: Ref<OwnKind>, flags: string): string =>
  `gcloud compute ${kinds[ref.kind].gcloud} create ${ref.name}${scopeFlag(ref)} ${flags}`.trimEnd();
