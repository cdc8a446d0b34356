import assert from 'node:assert/strict';
import test from 'node:test';
import type { PlanRecord } from '../../src/engine/journalRecords.ts';
import { emulatorCloud } from '../../src/model/clusterIdentity.ts';
import { groups, type Verb } from '../../src/verbs/verb.ts';
import { prepareAgain, verbs } from '../../src/verbs/registry.ts';
import { cloudWorld } from '../support/cloudWorld.ts';

const twice = (all: readonly string[]): string[] => all.filter((x, i) => all.indexOf(x) !== i);
const said = (of: (v: Verb) => string | undefined): string[] => verbs.flatMap((v) => of(v) ?? []);

test('a verb has a name, words, and a command of its own', () => {
  assert.deepEqual(twice(said((v) => v.name)), []);
  assert.deepEqual(twice(said((v) => v.help?.words)), []);
  assert.deepEqual(twice(said((v) => v.palette?.command)), []);
  for (const { name } of verbs) assert.match(name, /^[a-z][a-z0-9-]{0,62}$/, 'a value of a label');
});

test('a verb says whom it works on; what removes cannot be undone, and is asked for by a name', () => {
  for (const v of verbs) {
    assert.match(v.label, /\{0\}/, v.name);
    assert.ok(!(v.adds && v.risky), `${v.name} adds and is risky`);
    if (v.palette !== undefined && v.risky && v.name !== 'drill-halt') assert.ok('typed' in v, v.name);
    if (v.help !== undefined) assert.ok(groups.includes(v.help.group), v.name);
  }
});

test('what a protected cluster refuses, what the prober watches, and what can be undone', () => {
  const those = (is: (v: Verb) => boolean): string[] =>
    verbs
      .filter(is)
      .map((v) => v.name)
      .sort();
  assert.deepEqual(
    those((v) => v.risky),
    ['down', 'drill-halt', 'master-remove', 'pool-remove', 'undo', 'zone-remove'],
  );
  assert.deepEqual(
    those((v) => !v.probed),
    ['down', 'protect', 'unprotect', 'up'],
  );
  assert.deepEqual(
    those((v) => v.adds),
    ['make-ha', 'pool-add', 'replicate', 'up'],
  );
});

test("a create of an earlier Trizone keeps its nodes' disk when it is resumed", async (t) => {
  const w = await cloudWorld(t);
  const { world, ids } = (await w.program()).session;
  const wish = {
    project: world.cloud.project,
    zone: 'europe-west1-b',
    nodes: 1,
    nodeDisk: { type: 'pd-ssd', sizeGb: 200 },
  };
  const plan: PlanRecord = {
    ...{
      type: 'plan',
      version: 1,
      run: 'r1',
      verb: 'up',
      cluster: 'kubernetes',
      at: 0,
      timeScale: 1,
      expectedMs: 0,
      steps: [],
    },
    ...{ project: world.cloud.project, cloud: world.cloud.id, uid: 'abcdefgh' },
    input: { wish, uid: 'abcdefgh', created: '2026-11-30T00:00:00.000Z' },
  };
  const prepared = await prepareAgain(world, plan, { ids, takeOver: false }, []);
  const { wish: kept } = prepared?.input as { wish: { disk: unknown } };
  assert.deepEqual(kept.disk, wish.nodeDisk);
});

test('a run of a verb that is not known, or whose input says nothing, is refused by its name', async (t) => {
  const w = await cloudWorld(t);
  const { world, ids } = (await w.program()).session;
  assert.ok(world.cloud.id.startsWith(emulatorCloud('')));
  const plan: PlanRecord = {
    ...{ type: 'plan', version: 1, run: 'r1', verb: 'defragment', cluster: 'kubernetes', at: 0, input: {} },
    ...{ project: world.cloud.project, cloud: world.cloud.id, uid: 'abcdefgh', timeScale: 1, expectedMs: 0, steps: [] },
  };
  const again = (verb: string) => prepareAgain(world, { ...plan, verb }, { ids, takeOver: false }, []);
  await assert.rejects(again('defragment'), {
    code: 'journal',
    message: 'This version of Trizone does not support the verb defragment: run r1',
  });
  await assert.rejects(again('up'), {
    code: 'journal',
    message: "The run's journal does not contain its request: r1",
  });
});
