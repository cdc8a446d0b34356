import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { readStatus } from '../../src/steps/status.ts';
import type { CloudStep } from '../../src/steps/world.ts';
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
import { replicate } from '../world/verbs.ts';
import { cloudWorld } from './cloudWorld.ts';
import { KubeObjects } from './kubeObjects.ts';

/** All steps of all verbs, with their readings in a cluster that was really created. */
export const allSteps = async (t: TestContext): Promise<CloudStep[]> => {
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
    return [...verb.steps];
  });
};
