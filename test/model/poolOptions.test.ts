import assert from 'node:assert/strict';
import test from 'node:test';
import * as v from 'valibot';
import {
  initialSettings,
  poolEntries,
  poolFields,
  poolFromVariables,
  poolOptions,
  poolSettings,
  poolVariableNames,
  poolVariables,
  poolWords,
  givenOptions,
  type PoolSettings,
} from '../../src/model/poolOptions.ts';

const other: PoolSettings = { machineType: 'n2-standard-4', disk: { type: 'pd-ssd', sizeGb: 200 }, spot: true };

test('what is not asked for is as the other pools are, or as at first; every value is checked', () => {
  assert.deepEqual(poolSettings({}), initialSettings);
  assert.deepEqual(poolSettings({}, other), other);
  assert.deepEqual(poolSettings({ spot: false, machineType: undefined }, other), { ...other, spot: false });
  assert.throws(() => poolSettings({ machineType: 'small' }), /Invalid machine type/);
  assert.throws(() => poolSettings({ disk: { type: 'floppy', sizeGb: 10 } }), /Node disk type must be one of/);
});

test('each option says itself in every form: as it is typed, as a variable of kube-up, as a journal keeps it', () => {
  for (const p of [initialSettings, other]) {
    const typed = Object.assign({}, ...poolFields.map((f) => f.read(f.show(p)))) as PoolSettings;
    assert.deepEqual(typed, p, 'typed');
    assert.deepEqual(poolSettings(poolFromVariables(poolVariables(p))), p, 'variables');
    assert.deepEqual(v.parse(v.object(poolEntries), JSON.parse(JSON.stringify(p))), p, 'journal');
  }
  assert.deepEqual(Object.keys(poolEntries), Object.keys(poolOptions));
  for (const name of Object.keys(poolVariables(other))) assert.ok(poolVariableNames.includes(name), name);
});

test('nothing that was not said is made up', () => {
  assert.deepEqual(poolFromVariables({ NODE_SIZE: '', PREEMPTIBLE_NODE: 'false' }), {});
  assert.deepEqual(givenOptions({ machineType: undefined, spot: false }), { spot: false });
  assert.deepEqual(v.parse(v.object(poolEntries), {}), {});
});

test('a plan says what a pool is like, and nothing of what it is not', () => {
  assert.equal(poolWords(initialSettings), 'e2-standard-2, pd-standard 100 GB');
  assert.equal(poolWords(other), 'n2-standard-4, pd-ssd 200 GB, Spot');
});

test('what is typed wrong is refused with an example', () => {
  const remedy = (work: () => unknown): string => {
    try {
      work();
    } catch (e) {
      return (e as { remedy: string }).remedy;
    }
    return 'not refused';
  };
  assert.equal(
    remedy(() => poolOptions.disk.read('pd-ssd')),
    'For example: pd-ssd:200',
  );
  assert.equal(
    remedy(() => poolOptions.spot.read('maybe')),
    'For example: no',
  );
  assert.equal(poolOptions.spot.read(''), true, 'the flag alone');
});
