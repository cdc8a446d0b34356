import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after, type TestContext } from 'node:test';
import * as fc from 'fast-check';
import { storedInstant } from '../../src/emulator/emulator.ts';
import { readState, StateLog } from '../../src/emulator/state/stateLog.ts';
import { type StoredChange, Store } from '../../src/emulator/state/store.ts';
import { emulated, type EmulatedCloud } from '../support/emulatedCloud.ts';
import { machine, makeMachines, zone } from '../support/emulatedWorld.ts';

// Removed at the very end: an emulator that closes writes its last snapshot.
const parent = mkdtempSync(join(tmpdir(), 'emulator-state-'));
after(() => rmSync(parent, { recursive: true, force: true }));

const folder = (): string => mkdtempSync(join(parent, 'state-'));

// As after a power cut: nothing is closed, the next emulator starts from what is on the disk.
const restart = (t: TestContext, stateFolder: string): EmulatedCloud =>
  emulated(t, { stateFolder }, storedInstant(stateFolder));

test('an operation that was under way goes on after a restart', async (t) => {
  const stateFolder = folder();
  const first = emulated(t, { stateFolder });
  const operation = await first.start('POST', `${zone}/instances`, machine('m1'));
  await first.clock.sleep(4_000);
  const before = first.emulator.exportState();
  const second = restart(t, stateFolder);
  assert.deepEqual(second.emulator.exportState(), before);
  assert.equal((await second.end(operation)).error, undefined);
  assert.deepEqual(second.guests?.story, ['boot europe-west1-b/m1']);
  const done = await second.end(operation);
  assert.equal(Date.parse(done.endTime ?? '') - Date.parse(done.insertTime), 10_000);
});

test('machines that ran are restored without a boot, and their timers fire', async (t) => {
  const stateFolder = folder();
  const first = emulated(t, { stateFolder });
  await makeMachines(first, ['m1', 'm2']);
  for (const key of ['europe-west1-b/m1', 'europe-west1-b/m2']) first.guests?.host.schedule(key, 60_000, 'tick', {});
  first.guests?.host.save({ machine: 'europe-west1-b/m1' }, 'note', { joined: true });
  await first.close();
  const second = restart(t, stateFolder);
  const story = second.guests?.story ?? [];
  assert.deepEqual(story.slice(), ['restore europe-west1-b/m1', 'restore europe-west1-b/m2']);
  assert.deepEqual(second.guests?.host.load({ machine: 'europe-west1-b/m1' }, 'note'), { joined: true });
  await second.do('POST', `${zone}/instances/m2/reset`);
  await second.clock.sleep(60_000);
  assert.deepEqual(story.slice(2), [
    'halt europe-west1-b/m2 reset',
    'boot europe-west1-b/m2',
    'event europe-west1-b/m1 tick',
  ]);
});

test('a torn last record is cut off, everything before it stays', async (t) => {
  const stateFolder = folder();
  const first = emulated(t, { stateFolder });
  await first.do('POST', `${zone}/disks`, { name: 'd' });
  const before = first.emulator.exportState();
  const [log = ''] = readdirSync(stateFolder).filter((name) => name.startsWith('changes.'));
  appendFileSync(join(stateFolder, log), '{"at":1,"changes":[["compute/disks","x');
  const second = restart(t, stateFolder);
  assert.deepEqual(second.emulator.exportState(), before);
  await second.do('POST', `${zone}/disks`, { name: 'e' });
  const third = restart(t, stateFolder);
  assert.equal((await third.get<{ items: object[] }>(`${zone}/disks`)).items.length, 2);
});

test('the end folds the log into a snapshot, and the request ids are still known', async (t) => {
  const stateFolder = folder();
  const first = emulated(t, { stateFolder });
  const path = `${zone}/disks?requestId=1b4e28ba-2fa1-11d2-883f-0016d3cca427`;
  const operation = await first.start('POST', path, { name: 'd' });
  await first.close();
  assert.deepEqual(readdirSync(stateFolder).sort(), ['changes.1.jsonl', 'snapshot.json']);
  const second = restart(t, stateFolder);
  assert.equal((await second.start('POST', path, { name: 'd' })).name, operation.name);
});

test('reading changes nothing; a refused request changes nothing', async (t) => {
  const cloud = emulated(t);
  await makeMachines(cloud, ['m1']);
  const before = JSON.stringify(cloud.emulator.exportState());
  for (const path of [
    'aggregated/instances',
    `${zone}/instances/m1`,
    'global/networks',
    '/v1/projects/demo/secrets',
    '/v1/projects/demo/services',
  ]) {
    await cloud.get(path);
  }
  await cloud.clock.sleep(3_600_000);
  assert.equal((await cloud.ask('POST', `${zone}/instances`, machine('m1'))).status, 409);
  assert.equal((await cloud.ask('POST', `${zone}/instances`, machine('m2', { machineType: 'x' }))).status, 400);
  assert.equal(JSON.stringify(cloud.emulator.exportState()), before);
});

test('whatever is committed is read back, whatever is rolled back is not, and folding changes nothing', () => {
  const step = fc.record({
    table: fc.constantFrom('a', 'b'),
    key: fc.constantFrom('1', '2', 'x'),
    value: fc.option(fc.integer(), { nil: undefined }),
    fails: fc.boolean(),
    folds: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      const path = mkdtempSync(join(parent, 'log-'));
      const log = new StateLog(path, readState(path), () => 7);
      const store = new Store(log);
      for (const { table, key, value, fails, folds } of steps) {
        try {
          store.transact(() => {
            store.put(table, key, value);
            if (fails) throw new Error('taken back');
          });
        } catch {
          // that was the point
        }
        if (folds) log.fold(store);
      }
      const again = new Store();
      again.replay(readState(path).changes);
      rmSync(path, { recursive: true });
      assert.deepEqual(filled(again), filled(store));
    }),
    { numRuns: 60 },
  );
});

const filled = (store: Store): object =>
  Object.fromEntries(Object.entries(store.dump()).filter(([, rows]) => Object.keys(rows).length > 0));

test('a failed transaction takes back every change in it', () => {
  const logged: (readonly StoredChange[])[] = [];
  const store = new Store({ append: (changes) => void logged.push(changes) });
  store.put('t', 'a', 1);
  const attempt = (): void =>
    store.transact(() => {
      store.put('t', 'a', 2);
      store.put('t', 'b', 2);
      store.transact(() => store.remove('t', 'a'));
      throw new Error('no');
    });
  assert.throws(attempt, /no/);
  assert.deepEqual(store.dump(), { t: { a: 1 } });
  assert.deepEqual(logged, [[['t', 'a', 1]]]);
});
