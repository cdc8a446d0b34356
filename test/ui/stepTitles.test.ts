import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { prepareAgain, prepareDown, prepareUndo } from '../../src/workflows/verbs.ts';
import { readStatus } from '../../src/steps/status.ts';
import { prepareMasterRemove } from '../../src/workflows/masterVerbs.ts';
import { prepareHalt, prepareSmoke } from '../../src/workflows/drill.ts';
import { prepareProtection } from '../../src/workflows/protection.ts';
import { prepareMasterStart } from '../../src/workflows/repairVerb.ts';
import { preparePoolAdd, preparePoolRemove, preparePoolResize } from '../../src/workflows/poolVerbs.ts';
import { stepMessages, stepTitle } from '../../src/ui/stepTitles.ts';
import { english, type Translate } from '../../src/ui/translate.ts';
import { cloudWorld } from '../support/cloudWorld.ts';
import { KubeObjects } from '../support/kubeObjects.ts';
import { replicate } from '../world/verbs.ts';

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
    await prepareUndo(world, run, options),
    await prepareDown(world, 'kubernetes', options),
    await preparePoolAdd(world, { ...place, pool: 'more' }, options),
    await preparePoolResize(world, { ...place, nodes: 4 }, options),
    await preparePoolResize(world, { ...place, nodes: 2 }, options),
    await preparePoolRemove(world, place, options),
  ];
  assert.equal((await replicate(w, 'europe-west1-c')).error, undefined);
  const replica = (await readStatus(world))[0]?.masters.find((m) => m.zone === 'europe-west1-c');
  assert.ok(replica);
  const [grown] = p.session.journals.list();
  assert.ok(grown);
  verbs.push(
    await prepareAgain(world, grown.plan, options, []),
    await prepareMasterRemove(world, { cluster: 'kubernetes', name: replica.name }, options),
    await prepareHalt(world, { cluster: 'kubernetes', name: replica.name }, options),
    await prepareMasterStart(world, { cluster: 'kubernetes', name: replica.name }, options),
    await prepareSmoke(world, { cluster: 'kubernetes' }, options),
    await prepareProtection(world, 'kubernetes', true),
    await prepareProtection(world, 'kubernetes', false),
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
