import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { writeFileAtomic } from '../lib/atomicFile.ts';
import { isSameFolder, isThere, makeFolder, realFolder } from '../lib/folder.ts';
import { randomText, uuid5, type Ids } from '../lib/ids.ts';
import { createLock, readLock, removeLock } from '../lib/lockFile.ts';
import { elsewhere, onDisk } from '../lib/onDisk.ts';

const placeSchema = v.object({
  id: v.pipe(v.string(), v.regex(/^[a-z0-9]{10}$/)),
  /** Hash that identifies the computer; undefined if an earlier version wrote the ID alone. */
  machine: v.optional(v.string()),
  /** Real path of the state folder. */
  folder: v.optional(v.string()),
});

/** An ID and the folder it belongs to. */
type Place = v.InferOutput<typeof placeSchema>;

interface Here {
  readonly machine: string;
  readonly folder: string;
}

// For computers with changing host names that share a folder. The first place is always kept: other IDs derive from it.
const mostPlaces = 16;

/**
 * ID of this state folder on this computer, as seen by other computers; generated once and kept even if the folder is
 * moved. A copy of the folder gets its own ID, so that it does not mistake the original's run for a dead one of its
 * own. Processes that ask at the same time get the same ID.
 */
export const holderId = (folder: string, ids: Ids, machine = thisMachine()): string => {
  const path = join(folder, 'holder');
  return onDisk('Cannot use the state folder', path, elsewhere, () => {
    makeFolder(folder);
    return keptId(path, { machine, folder: realFolder(folder) }, ids);
  });
};

const keptId = (path: string, here: Here, ids: Ids): string => {
  for (;;) {
    const text = readLock(path);
    const places = text === undefined ? [] : parsePlaces(text);
    const [first, ...others] = places;
    if (first !== undefined) return idOf(path, [first, ...others], here);
    if (text !== undefined) removeLock(path, text); // not written by us
    createLock(path, placesText([{ id: randomText(ids, 10), ...here }]));
  }
};

// Concurrent callers write the same content: the ID is derived, not random.
const idOf = (path: string, places: readonly [Place, ...Place[]], here: Here): string => {
  const own = places.find((p) => isHere(p, here));
  if (own !== undefined) return own.id;
  const before = places.findLast((p) => isLeft(p, here));
  const [first, ...others] = places;
  const id = before?.id ?? uuid5(first.id, here.machine, here.folder).replaceAll('-', '').slice(0, 10);
  const mine: Place = { id, ...here };
  const next =
    before === undefined
      ? [first, ...others.slice(2 - mostPlaces), mine]
      : places.map((p) => (p === before ? mine : p));
  writeFileAtomic(path, placesText(next));
  return id;
};

const isHere = (place: Place, here: Here): boolean =>
  place.machine === here.machine &&
  place.folder !== undefined &&
  (place.folder === here.folder || isSameFolder(place.folder, here.folder));

// The old path is gone, so the folder was moved. For a folder on another computer, this cannot be checked from here.
const isLeft = (place: Place, here: Here): boolean =>
  place.folder === undefined || (place.machine === here.machine && !isThere(place.folder));

const placesText = (places: readonly Place[]): string => JSON.stringify(places);

const parsePlaces = (text: string): readonly Place[] => {
  const bare = v.safeParse(placeSchema, { id: text.trim() });
  if (bare.success) return [bare.output];
  try {
    return v.parse(v.array(placeSchema), JSON.parse(text));
  } catch {
    return [];
  }
};

// Host name and machine ID: a cloned virtual machine often keeps one of the two.
const thisMachine = (): string => uuid5('machine', hostname(), installation());

const installation = (): string => {
  try {
    return readFileSync('/etc/machine-id', 'utf8').trim();
  } catch {
    return ''; // not Linux
  }
};
