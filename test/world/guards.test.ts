import assert from 'node:assert/strict';
import test from 'node:test';
import { planVerb } from '../../src/operate/operator.ts';
import type { CloudWorld, Program } from '../support/cloudWorld.ts';
import { temporaryFolder } from '../support/engineWorld.ts';
import { byHand } from './cloudErrors.ts';
import { assertUnharmed, resumed, small, told, undo } from './stories.ts';
import {
  assertDone,
  assertWhole,
  cluster,
  makeHa,
  removeMaster,
  replicate,
  statusOf,
  zoneB,
  zoneC,
  zoneD,
  options,
} from './verbs.ts';
import { makeHa as makeHaVerb } from '../../src/verbs/makeHa.ts';
import { masterRemove } from '../../src/verbs/masterRemove.ts';
import { replicate as replicateVerb } from '../../src/verbs/replicate.ts';

const first = 'kubernetes-master';

const power = async (w: CloudWorld, name: string, zone: string, how: 'stop' | 'start'): Promise<void> => {
  await byHand(w, 'POST', `zones/${zone}/instances/${name}/${how}`);
  await w.clock.sleep(120_000);
};

const inZone = async (w: CloudWorld, zone: string): Promise<string> =>
  (await statusOf(w)).masters.find((m) => m.zone === zone)?.name ?? assert.fail(`no master in ${zone}`);

/** Somebody's hand at the moment in which a run says this. */
const when = (p: Program, type: string, step: RegExp, hand: () => void): void => {
  const push = p.events.push.bind(p.events);
  let done = false;
  p.events.push = (...all) => {
    if (!done && all.some((e) => e.type === type && 'step' in e && step.test(e.step ?? ''))) {
      done = true;
      hand();
    }
    return push(...all);
  };
};

const warningsOf = async (w: CloudWorld, name: string): Promise<readonly string[]> => {
  const p = await w.program();
  return (await masterRemove.prepare(p.session.world, { cluster, name }, options(p))).warnings ?? [];
};

test('of two masters one may go while both answer, with a warning; the last one may not', async (t) => {
  const w = await small(t, 'two');
  assertDone(await replicate(w, zoneC));
  assert.deepEqual(await warningsOf(w, await inZone(w, zoneC)), [
    '1 master remains, which tolerates no failures. Both masters must be up during the removal (quorum 2).',
  ]);
  assertDone(await removeMaster(w, first));
  const left = await inZone(w, zoneC);
  await assert.rejects(removeMaster(w, left), {
    code: 'refused',
    message: `${left} is the last master (quorum 1 of 1)`,
    remedy: 'Tear the cluster down instead: trizone down',
  });
  await assertWhole(w, 1, 1);
});

test('of three masters one may go with the warning that two tolerate no failure', async (t) => {
  const w = await small(t, 'three');
  assertDone(await makeHa(w, [zoneB, zoneC, zoneD]));
  assert.deepEqual(await warningsOf(w, await inZone(w, zoneD)), [
    '2 masters tolerate no failures: quorum is 2, so losing either one stops writes. Add a third master (or go back to 1).',
  ]);
});

test('of two masters one is down: none may go and none may come, and its start mends all', async (t) => {
  const w = await small(t, 'lost');
  assertDone(await replicate(w, zoneC));
  const inC = await inZone(w, zoneC);
  await power(w, inC, zoneC, 'stop');
  const lost = {
    code: 'refused',
    message: `etcd has lost quorum, so the API is not responding: 1 of 2 masters running, quorum 2; ${inC} is TERMINATED`,
    remedy: `Without quorum, nothing can be changed. Start the masters that are down: gcloud compute instances start ${inC} --zone=${zoneC}`,
  };
  await assert.rejects(removeMaster(w, inC), lost);
  await assert.rejects(removeMaster(w, first), lost);
  await assert.rejects(replicate(w, zoneD), lost);
  await power(w, inC, zoneC, 'start');
  await assertWhole(w, 2, 1);
});

test('two changes at once: a second run is refused, of this computer and of another', async (t) => {
  const w = await small(t, 'at-once');
  const [one, two] = [await w.program(), await w.program()];
  const other = await w.program({ folder: temporaryFolder(t) });
  const seen: Promise<unknown>[] = [];
  when(one, 'started', /^boot:/, () => {
    seen.push(
      assert.rejects(replicate(w, zoneD, two), {
        code: 'leased',
        message: /^Another run holds the cluster: replicate/,
      }),
      assert.rejects(replicate(w, zoneD, other), {
        code: 'leased',
        message: /^Another computer holds the cluster: replicate, last heartbeat \d+ s ago$/,
      }),
    );
  });
  assertDone(await replicate(w, zoneC, one));
  assert.equal(seen.length, 2);
  await Promise.all(seen);
  await assertWhole(w, 2, 1);
});

test('a learner of an interrupted run: no other change begins before it votes or is gone', async (t) => {
  const w = await small(t, 'learner');
  w.emulator.faults.set([
    {
      match: { kind: 'machines', verb: 'promote', name: 'kubernetes-master-...' },
      nth: 'every',
      fault: { type: 'machineFails', message: 'not in sync' },
    },
  ]);
  assert.equal((await replicate(w, zoneC)).error?.code, 'boot-failed');
  const learner = await inZone(w, zoneC);
  const underWay = {
    code: 'refused',
    message: `Another etcd membership change is in progress: ${learner} is a learner`,
    remedy: 'Wait for it, or resume it: trizone resume. Or remove that master.',
  };
  await assert.rejects(replicate(w, zoneD), underWay);
  assertDone(await removeMaster(w, learner));
  w.emulator.faults.set([]);
  assertDone(await replicate(w, zoneD));
  await assertWhole(w, 2, 1);
});

test('a master dies between plan and run: the guard is asked again under the lease, and nothing is made', async (t) => {
  const w = await small(t, 'grow-late');
  assertDone(await makeHa(w, [zoneB, zoneC, zoneD]));
  const inD = await inZone(w, zoneD);
  const p = await w.program();
  const prepared = await replicateVerb.prepare(p.session.world, { cluster, zone: zoneC }, options(p));
  const plan = await planVerb(p.session, prepared, new AbortController().signal);
  assert.deepEqual(plan.refusals, []);
  await power(w, inD, zoneD, 'stop');
  const machines = (): number => Object.keys((w.resources() as Record<string, object>)['compute/disks'] ?? {}).length;
  const before = machines();
  const failed = await w.apply(p, [prepared, plan]);
  assert.deepEqual(told(failed), [
    'refused',
    `etcd must be healthy before a member is added: NAME is not responding (2 of 3 responding, quorum 2)`,
    'Start that master, or remove it first: trizone master remove NAME',
  ]);
  assert.equal(machines(), before);
});

test('another master dies while one leaves: its vote stays until the other is back, then resume goes on', async (t) => {
  const w = await small(t, 'shrink-late');
  assertDone(await makeHa(w, [zoneB, zoneC, zoneD]));
  const [inC, inD] = [await inZone(w, zoneC), await inZone(w, zoneD)];
  const p = await w.program();
  const hands: Promise<void>[] = [];
  when(p, 'started', /^quiet:/, () => hands.push(byHand(w, 'POST', `zones/${zoneD}/instances/${inD}/stop`)));
  const failed = await removeMaster(w, inC, p);
  await Promise.all(hands);
  assert.equal(failed.error?.code, 'refused', failed.error?.message);
  assert.equal(
    failed.error.message,
    `Quorum would be at risk: ${inD} is not responding (2 of 3 voters responding, quorum 2; without ${inC}: 1 of 2, quorum 2)`,
  );
  assert.equal(failed.error.remedy, 'Start that master, or remove it first.');
  await assertUnharmed(w, [first]);
  assert.equal((await statusOf(w)).masters.find((m) => m.name === inC)?.etcd, 'voter');
  await power(w, inD, zoneD, 'start');
  assertDone(await resumed(w));
  await assertWhole(w, 2, 1);
});

test('undo of a replica is refused while another master is down, as its removal is', async (t) => {
  const w = await small(t, 'undo');
  assertDone(await replicate(w, zoneC));
  assertDone(await replicate(w, zoneD));
  const [inC, inD] = [await inZone(w, zoneC), await inZone(w, zoneD)];
  await power(w, inC, zoneC, 'stop');
  await assert.rejects(undo(w, 'replicate'), {
    code: 'refused',
    message: `Quorum would be at risk: ${inC} is not responding (2 of 3 voters responding, quorum 2; without ${inD}: 1 of 2, quorum 2)`,
  });
});

test('more than five masters at once are refused before anything is planned', async (t) => {
  const w = await small(t, 'six');
  const p = await w.program();
  assertDone(await makeHa(w, [zoneB, zoneC, zoneD]));
  for (const zone of [zoneB, zoneC]) assertDone(await replicate(w, zone));
  await assert.rejects(replicateVerb.prepare(p.session.world, { cluster, zone: zoneD }, options(p)), {
    code: 'refused',
    message: 'A cluster can have at most 5 masters, and this one already has 5',
    remedy: 'Three masters tolerate the loss of one, five the loss of two. More masters only slow down every write.',
  });
  await assert.rejects(makeHaVerb.prepare(p.session.world, { cluster, zones: [zoneC, zoneC] }, options(p)), {
    code: 'invalid-input',
    message: `Duplicate zone: ${zoneC}, ${zoneC}`,
  });
});
