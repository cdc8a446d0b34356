import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  chmodSync,
} from 'node:fs';
import { join } from 'node:path';
import { wallClock } from '../../../src/lib/clock.ts';
import { cacheFolder } from '../../host/install.ts';
import type { Say } from './say.ts';

const day = 24 * 60 * 60 * 1000;
const forgottenAfter = 14 * day;

/**
 * Folder of one part of the build, `lab-PART-KEY` in the cache: built once, in a temporary folder that is renamed when
 * complete, so that no process sees half of it. Parts unused for two weeks are removed (each is gigabytes).
 */
export const parted = async (
  part: string,
  key: string,
  say: Say,
  make: (folder: string) => Promise<void>,
): Promise<string> => {
  const folder = join(cacheFolder(), `lab-${part}-${key}`);
  if (!existsSync(folder)) await makeWhole(folder, say, make);
  const now = wallClock.now() / 1000;
  utimesSync(folder, now, now);
  forget(part);
  return folder;
};

const makeWhole = async (folder: string, say: Say, make: (folder: string) => Promise<void>): Promise<void> => {
  mkdirSync(cacheFolder(), { recursive: true });
  const making = mkdtempSync(`${folder}.`);
  chmodSync(making, 0o755); // becomes the root folder of machines
  try {
    await make(making);
    renameSync(making, folder);
    say(`made ${folder}`);
  } catch (error) {
    rmSync(making, { recursive: true, force: true });
    if (!existsSync(folder)) throw error; // otherwise another process was faster
  }
};

const forget = (part: string): void => {
  for (const name of readdirSync(cacheFolder()).filter((n) => n.startsWith(`lab-${part}-`))) {
    const path = join(cacheFolder(), name);
    const last = statSync(path, { throwIfNoEntry: false })?.mtimeMs; // another process may have finished or removed it
    if (last !== undefined && wallClock.now() - last > forgottenAfter) rmSync(path, { recursive: true, force: true });
  }
};
