import assert from 'node:assert/strict';
import test from 'node:test';
import type { Check } from '../../src/steps/check.ts';
import type { RunResult } from '../../src/engine/runOptions.ts';
import type { Prepared } from '../../src/verbs/prepared.ts';
import { articleWish, cloudWorld, type CloudWorld } from '../support/cloudWorld.ts';
import { kubectl } from './kubeApi.ts';
import { small } from './stories.ts';
import { assertDone, assertWhole, checksOf, cluster, options, statusOf, zoneB, zoneC, zoneD } from './verbs.ts';
import { masterRepair } from '../../src/verbs/masterRepair.ts';

const day = 86_400_000;
const remedy = 'to renew them, run trizone master repair kubernetes-master, which restarts the master';

const certificates = async (w: CloudWorld): Promise<Pick<Check, 'ok' | 'evidence'> | undefined> => {
  const found = (await checksOf(w, await statusOf(w))).find((c) => c.id === 'certificates');
  return found && { ok: found.ok, evidence: found.evidence };
};

const inDays = (w: CloudWorld, days: number): string => new Date(w.clock.now() + days * day).toISOString();

const annotate = (w: CloudWorld, name: string, end: string): Promise<unknown> =>
  kubectl(w, 'PATCH', `/api/v1/nodes/${name}`, { metadata: { annotations: { 'trizone/certificates-end': end } } });

test('a master whose certificates end within 30 days is found, with what to do; so is one that does not say when', async (t) => {
  const w = await small(t, 'certificates');
  assert.equal((await certificates(w))?.ok, true);
  const say = async (end: string) => {
    await annotate(w, 'kubernetes-master', end);
    return certificates(w);
  };
  const after = (days: number): string => inDays(w, days + 0.5);
  assert.deepEqual(await say(after(30)), { ok: true, evidence: 'master certificates valid for 30 days' });
  const soon = { ok: false, evidence: `kubernetes-master: certificates expire in 29 days; ${remedy}` };
  assert.deepEqual(await say(after(29)), soon);
  const over = { ok: false, evidence: `kubernetes-master: certificates have expired; ${remedy}` };
  assert.deepEqual(await say(after(-1)), over);
  const silent = { ok: false, evidence: 'kubernetes-master has not reported when its certificates expire' };
  assert.deepEqual(await say('soon'), silent);
});

test('repair restarts a master whose certificates end soon, after clients and leadership have left it: they are new', async (t) => {
  const w = await cloudWorld(t, 'renewed');
  assertDone(await w.up(undefined, { ...articleWish, zones: [zoneB, zoneC, zoneD], nodes: 1 }));
  const other = (await statusOf(w)).masters.find((m) => m.zone === zoneC)?.name ?? assert.fail();
  for (const name of ['kubernetes-master', other]) await annotate(w, name, inDays(w, 20));
  assert.equal((await certificates(w))?.ok, false);
  const prepared: Prepared[] = [];
  const repair = (name: string): Promise<RunResult> =>
    w.carryOut(async (p) => {
      const next = await masterRepair.prepare(p.session.world, { cluster, name }, options(p));
      prepared.push(next);
      return next;
    });
  assertDone(await repair('kubernetes-master'));
  const [first] = prepared;
  const ids = first?.steps.map((s) => s.id.replace(/:kubernetes-master$/, '')) ?? [];
  assert.deepEqual(first?.warnings, []);
  assert.deepEqual(ids.slice(1, 6), ['guard', 'deregister', 'quiet', 'hand-over', 'power']);
  // The other's do not make the run wait: they are not its business.
  assert.match((await certificates(w))?.evidence ?? '', new RegExp(`^${other}: certificates expire in`));
  assertDone(await repair(other));
  assert.equal((await certificates(w))?.ok, true);
  await assertWhole(w, 3, 3);
  assertDone(await repair('kubernetes-master'));
  assert.ok(!prepared[2]?.steps.some((s) => s.id.startsWith('deregister')), 'a second call has nothing to do');
});

for (const zones of [[zoneB], [zoneB, zoneC]])
  test(`of ${zones.length} master(s) none can be spared: the plan says that the API pauses, and does not refuse`, async (t) => {
    const w = await cloudWorld(t, 'pause');
    assertDone(await w.up(undefined, { ...articleWish, zones, nodes: 1 }));
    await annotate(w, 'kubernetes-master', inDays(w, 20));
    const p = await w.program();
    const { steps, warnings } = await masterRepair.prepare(
      p.session.world,
      { cluster, name: 'kubernetes-master' },
      options(p),
    );
    assert.deepEqual(warnings, ['The API will be unavailable for about a minute while kubernetes-master restarts.']);
    assert.ok(!steps.some((s) => s.id.startsWith('guard:')));
  });
