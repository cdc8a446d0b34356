import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { afterEach, beforeEach } from 'node:test';
import { wallClock } from '../../../src/lib/clock.ts';
import { parted } from './cache.ts';

const before = process.env.TRIZONE_CACHE;
let cache: string;
beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'trizone-cache-'));
  process.env.TRIZONE_CACHE = cache;
});
afterEach(() => {
  if (before === undefined) delete process.env.TRIZONE_CACHE;
  else process.env.TRIZONE_CACHE = before;
  rmSync(cache, { recursive: true });
});

const silent = (): void => undefined;
const content = (text: string) => (folder: string) => {
  writeFileSync(join(folder, 'file'), text);
  return Promise.resolve();
};

test('a part is made once, and seen only when it is whole', async () => {
  let times = 0;
  const make = (folder: string): Promise<void> => {
    times++;
    assert.ok(!existsSync(join(cache, 'lab-x-key')));
    return content('')(folder);
  };
  const made = await parted('x', 'key', silent, make);
  assert.deepEqual(readdirSync(cache), ['lab-x-key']);
  assert.equal(await parted('x', 'key', silent, make), made);
  assert.equal(times, 1);
});

test('a part that fails leaves nothing behind', async () => {
  const broken = async (folder: string): Promise<void> => {
    await content('')(folder);
    throw new Error('broken');
  };
  await assert.rejects(parted('x', 'key', silent, broken), /broken/);
  assert.deepEqual(readdirSync(cache), []);
});

test('of two that make the same part at once both have it', async () => {
  const slow = async (folder: string): Promise<void> => {
    await parted('x', 'key', silent, content('faster'));
    await content('slower')(folder);
  };
  await parted('x', 'key', silent, slow);
  assert.deepEqual(readdirSync(cache), ['lab-x-key']);
});

test('parts that nobody asked for in two weeks go, others stay', async () => {
  const day = 24 * 60 * 60;
  const now = wallClock.now() / 1000;
  for (const [name, days] of Object.entries({ 'lab-x-old': 15, 'lab-x-new': 13, 'lab-xy-old': 15, 'lab-x-key': 99 })) {
    mkdirSync(join(cache, name));
    utimesSync(join(cache, name), now - days * day, now - days * day);
  }
  await parted('x', 'key', silent, content(''));
  assert.deepEqual(readdirSync(cache).sort(), ['lab-x-key', 'lab-x-new', 'lab-xy-old']);
});
