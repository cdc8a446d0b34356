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
  /** Hash of what tells the computer; undefined where an earlier version wrote the id alone. */
  machine: v.optional(v.string()),
  /** Real path of the state folder. */
  folder: v.optional(v.string()),
});

/** An id and the folder that it belongs to. */
type Place = v.InferOutput<typeof placeSchema>;

interface Here {
  readonly machine: string;
  readonly folder: string;
}

// Computers with changing names that share a folder; the first place stays, the others' ids come from it.
const mostPlaces = 16;

/**
 * Id of this state folder on this computer towards other ones; drawn once and kept, also when the folder is moved. A copy of the
 * folder gets an id of its own, so that it does not take the run of the original for a dead one of its own. Processes that ask at
 * the same time get the same id.
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

// Whoever does this at the same time writes the same: nothing is drawn.
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

// Nobody is where it was, so the folder was moved. Whether a folder of another computer is still there cannot be seen from here.
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

// Its name and its installation: a virtual machine that was cloned often has kept one of them.
const thisMachine = (): string => uuid5('machine', hostname(), installation());

const installation = (): string => {
  try {
    return readFileSync('/etc/machine-id', 'utf8').trim();
  } catch {
    return ''; // no Linux
  }
};
