import { wallClock } from '../../../lib/clock.ts';
import { kubeTime } from '../kubeObject.ts';
import type { StoredObject } from '../storedObject.ts';

/** Whether finalizers still block the deletion. */
export const isFinalized = ({ object }: StoredObject): boolean => (object.metadata.finalizers ?? []).length > 0;

/** Whether this finalizer holds the object. */
export const isHeldBy = ({ object }: StoredObject, finalizer: string): boolean =>
  (object.metadata.finalizers ?? []).includes(finalizer);

/** Whether the object is being deleted. */
export const isLeaving = ({ object }: StoredObject): boolean => object.metadata.deletionTimestamp !== undefined;

/** The object, marked for deletion. */
export const marked = (stored: StoredObject): StoredObject =>
  isLeaving(stored) ? stored : withMetadata(stored, { deletionTimestamp: kubeTime(wallClock.now()) });

/** The object with a finalizer added. */
export const held = (stored: StoredObject, finalizer: string): StoredObject => {
  const { finalizers = [] } = stored.object.metadata;
  return isHeldBy(stored, finalizer) ? stored : withMetadata(stored, { finalizers: [...finalizers, finalizer] });
};

/** The object without a finalizer; undefined if that was the last one of an object being deleted. */
export const released = (stored: StoredObject, finalizer: string): StoredObject | undefined => {
  const finalizers = (stored.object.metadata.finalizers ?? []).filter((f) => f !== finalizer);
  if (finalizers.length === 0 && isLeaving(stored)) return undefined;
  return isHeldBy(stored, finalizer) ? withMetadata(stored, { finalizers }) : stored;
};

const withMetadata = (stored: StoredObject, more: Partial<StoredObject['object']['metadata']>): StoredObject => ({
  ...stored,
  object: { ...stored.object, metadata: { ...stored.object.metadata, ...more } },
});
