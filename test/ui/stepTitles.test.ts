import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { readStatus } from '../../src/steps/status.ts';
import { stepMessages, stepTitle } from '../../src/ui/stepTitles.ts';
import { english, type Translate } from '../../src/ui/translate.ts';
import { cloudWorld } from '../support/cloudWorld.ts';
import { KubeObjects } from '../support/kubeObjects.ts';
import { replicate } from '../world/verbs.ts';
import { down } from '../../src/verbs/down.ts';
import { haltMaster } from '../../src/verbs/haltMaster.ts';
import { masterRemove } from '../../src/verbs/masterRemove.ts';
import { masterStart } from '../../src/verbs/masterStart.ts';
import { nodeRepair } from '../../src/verbs/nodeRepair.ts';
import { poolAdd } from '../../src/verbs/poolAdd.ts';
import { poolRemove } from '../../src/verbs/poolRemove.ts';
import { poolResize } from '../../src/verbs/poolResize.ts';
import { protect, unprotect } from '../../src/verbs/protect.ts';
import { prepareAgain, undo } from '../../src/verbs/registry.ts';
import { smoke } from '../../src/verbs/smoke.ts';

/** Titles of all steps of all verbs, with what they find in a cluster that was really made. */
const allTitles = async (t: TestContext): Promise<string[]> => {
  const w = await cloudWorld(t);
  const p = await w.program();
  assert.equal((await w.up(p)).error, undefined);
  const kube = await KubeObjects.open(w);
  await kube.storageClass('fast', 'Delete');
  await kube.balancer('web');
  await kube.claim('data', 'fast');
  await w.clock.sleep(120_000);
  const [run] = p.session.journals.list();
  assert.ok(run);
  const options = { ids: p.session.ids, takeOver: false };
  const { world } = p.session;
  const place = { cluster: 'kubernetes', zone: 'europe-west1-b' };
  const verbs = [
    await prepareAgain(world, run.plan, options, [run]),
    await undo.prepare(world, { run: run }, options),
    await down.prepare(world, { cluster: 'kubernetes' }, options),
    await poolAdd.prepare(world, { ...place, pool: 'more' }, options),
    await poolResize.prepare(world, { ...place, nodes: 4 }, options),
    await poolResize.prepare(world, { ...place, nodes: 2 }, options),
    await poolRemove.prepare(world, place, options),
  ];
  assert.equal((await replicate(w, 'europe-west1-c')).error, undefined);
  const replica = (await readStatus(world))[0]?.masters.find((m) => m.zone === 'europe-west1-c');
  assert.ok(replica);
  const [grown] = p.session.journals.list();
  assert.ok(grown);
  const node = (await readStatus(world))[0]?.pools[0]?.nodes[0]?.name ?? assert.fail();
  verbs.push(
    await prepareAgain(world, grown.plan, options, []),
    await masterRemove.prepare(world, { cluster: 'kubernetes', name: replica.name }, options),
    await haltMaster.prepare(world, { cluster: 'kubernetes', name: replica.name }, options),
    await masterStart.prepare(world, { cluster: 'kubernetes', name: replica.name }, options),
    await nodeRepair.prepare(world, { cluster: 'kubernetes', name: node }, options),
    await smoke.prepare(world, { cluster: 'kubernetes' }, options),
    await protect.prepare(world, { cluster: 'kubernetes' }, options),
    await unprotect.prepare(world, { cluster: 'kubernetes' }, options),
  );
  return verbs.flatMap((verb) => {
    assert.ok(verb !== undefined && verb.steps.length > 0);
    return verb.steps.map((s) => s.title);
  });
};

test('every title of every workflow has its row, and every row its title', async (t) => {
  const titles = new Set(await allTitles(t));
  const used = new Set<string>();
  const marked: Translate = (message, ...args) => {
    used.add(message);
    return `translated ${english(message, ...args)}`;
  };
  const missing = [...titles].filter((title) => stepTitle(marked, title) !== `translated ${title}`);
  assert.deepEqual(missing, [], 'titles without a row in src/ui/stepTitles.ts');
  const unused = stepMessages().filter((message) => !used.has(message));
  assert.deepEqual(unused, [], 'rows that no title uses');
});

test('names keep their place in another order of words', () => {
  const turned: Translate = (message, ...args) =>
    english(message === 'Remove disk {0} in {1}' ? '删除 {1} 中的磁盘 {0}' : message, ...args);
  assert.equal(stepTitle(turned, 'Remove disk a-pd in europe-west1-b'), '删除 europe-west1-b 中的磁盘 a-pd');
});

test('a title of another version stays as it is', () => {
  assert.equal(
    stepTitle(() => 'translated', 'Bake a cake'),
    'Bake a cake',
  );
  assert.equal(
    stepTitle(() => 'translated', 'Remove disk a b in c'),
    'Remove disk a b in c',
  );
});
