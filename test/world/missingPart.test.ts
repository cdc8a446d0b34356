import assert from 'node:assert/strict';
import test from 'node:test';
import { masterRepair } from '../../src/verbs/masterRepair.ts';
import { articleWish, cloudWorld } from '../support/cloudWorld.ts';
import { planVerb } from '../../src/operate/operator.ts';
import { replicate as replicateVerb } from '../../src/verbs/replicate.ts';
import { byHand } from './cloudErrors.ts';
import { resumed, small } from './stories.ts';
import {
  addPool,
  assertDone,
  assertWhole,
  cluster,
  options,
  removeMaster,
  replicate,
  statusOf,
  zoneB,
  zoneC,
} from './verbs.ts';

const rule = 'global/firewalls/kubernetes-iap-ssh';

test('what somebody deleted is not waited for: the run ends within two minutes and says how it is made again', async (t) => {
  const w = await small(t, 'missing-part');
  await byHand(w, 'DELETE', rule);
  const { error, ms } = await addPool(w, zoneB, { nodes: 1, pool: 'p' });
  assert.equal(
    error?.message,
    'Part of the cluster is missing, and waiting does not fix it: kubernetes-iap-ssh is missing',
  );
  assert.match(error.remedy ?? '', /trizone up --cluster kubernetes/);
  assert.ok(ms < 6 * 60_000, `${ms / 1000} s, of which the pool takes about 200`);
  assertDone(await w.up(undefined, { ...articleWish, nodes: 1 }));
  assertDone(await resumed(w));
  await assertWhole(w, 1, 2);
});

test('a replica that another run has left unfinished ends it as early, and says how to finish or remove it', async (t) => {
  const w = await small(t, 'unfinished-replica');
  const p = await w.program();
  const never = new AbortController();
  const prepared = await replicateVerb.prepare(p.session.world, { cluster, zone: zoneC }, options(p));
  const plan = await planVerb(p.session, prepared, never.signal);
  const name = /^boot:(.*)$/.exec(plan.steps.find((s) => s.step.id.startsWith('boot:'))?.step.id ?? '')?.[1] ?? '';
  const votes = w.apply(p, [prepared, plan], { cancel: never.signal });
  const push = p.events.push.bind(p.events);
  p.events.push = (...events) => {
    if (events.some((e) => e.type === 'done' && e.step === `voter:${name}`)) never.abort();
    return push(...events);
  };
  assert.equal((await votes).error?.code, 'cancelled');
  const { error, ms } = await addPool(w, zoneB, { nodes: 1, pool: 'p' });
  assert.equal(
    error?.message,
    `Part of the cluster is missing, and waiting does not fix it: ${name} is not in the load balancer`,
  );
  assert.equal(
    error.remedy,
    `To finish ${name}: trizone replicate --cluster kubernetes --zone ${zoneC}. To remove it: trizone master remove ${name} --cluster kubernetes.`,
  );
  assert.ok(ms < 6 * 60_000, `${ms / 1000} s, of which the pool takes about 200`);
  assertDone(await replicate(w, zoneC));
  assertDone(await resumed(w));
  await assertWhole(w, 2, 2);
});

test('a first master that somebody took out of the load balancer is brought back by its repair, as the run says', async (t) => {
  const w = await cloudWorld(t, 'first-outside');
  assertDone(await w.up(undefined, { ...articleWish, zones: [zoneB, zoneC], nodes: 1 }));
  const instance = `projects/demo-project/zones/${zoneB}/instances/kubernetes-master`;
  const group = `zones/${zoneB}/instanceGroups/kubernetes-masters/removeInstances`;
  await byHand(w, 'POST', group, { instances: [{ instance }] });
  const { error } = await addPool(w, zoneB, { nodes: 1, pool: 'p' });
  assert.match(error?.message ?? '', /kubernetes-master is not in the load balancer$/);
  assert.match(
    error?.remedy ?? '',
    /^To finish kubernetes-master: trizone master repair kubernetes-master --cluster kubernetes\./,
  );
  const replica = (await statusOf(w)).masters.find((m) => m.zone === zoneC)?.name ?? '';
  await assert.rejects(removeMaster(w, replica), {
    code: 'refused',
    message: `${replica} is the only healthy master behind the load balancer`,
  });
  assertDone(
    await w.carryOut((p) => masterRepair.prepare(p.session.world, { cluster, name: 'kubernetes-master' }, options(p))),
  );
  assertDone(await resumed(w));
  await assertWhole(w, 2, 3);
});
