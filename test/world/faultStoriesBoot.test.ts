import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import type { Role } from '../../src/boot/config.ts';
import { bootSteps } from '../../src/boot/steps.ts';
import type { RunResult } from '../../src/engine/runOptions.ts';
import { articleWish, cloudWorld, project, type CloudWorld } from '../support/cloudWorld.ts';
import { assertUnharmed, consoleOf, notInUse, resumed, small, strikes, told, undo, withoutCause } from './stories.ts';
import { addPool, assertDone, assertWhole, replicate, statusOf, zoneB, zoneC } from './verbs.ts';

// Each step of the startup script fails once on a machine of each role that has it: a new step is in it by itself.

const [first, minion] = ['kubernetes-master', 'kubernetes-minion-group-XXXX'] as const;
const [why, minute] = ['no space left on device', 60_000] as const;

/** What a person reads; how many of the other nodes are Ready by then depends on their speed. */
const assertTold = (failed: RunResult, message: string, remedy: string, minutes: number): void => {
  const words = told(failed).map((text) => text?.replace(/^[0-2]\//, 'K/'));
  assert.deepEqual(words, ['boot-failed', message, remedy]);
  assert.ok(failed.ms < minutes * minute, `told after ${failed.ms / 1000} s`);
};

const reports = (name: string, step: string): string => `The instance reported a failed boot: ${name}: ${step}: ${why}`;

const firstMaster = async (t: TestContext, step: string): Promise<void> => {
  const w = await cloudWorld(t, `up-${step}`);
  const before = w.resources();
  w.emulator.faults.set([strikes(first, step, why)]);
  const failed = await w.up(undefined, { ...articleWish, nodes: 1 });
  assertTold(failed, reports(first, step), notInUse(first, zoneB), 8);
  if (step === 'init') {
    assertDone(await undo(w, 'up'));
    assert.deepEqual(w.resources(), before);
  } else await goesOn(w, 1, 1);
};

const replica = async (t: TestContext, step: string): Promise<void> => {
  const w = await small(t, `boot-${step}`);
  w.emulator.faults.set([strikes('kubernetes-master-...', step, why)]);
  const ended = await replicate(w, zoneC);
  // After `serving` it votes and serves; what it fails to publish then, the others publish in its place.
  if (step === 'publish') {
    assertDone(ended);
    await w.clock.sleep(minute);
    assert.match(await consoleIn(w, zoneC), /TRIZONE error step=publish/);
    await assertWhole(w, 2, 1);
    return;
  }
  assertTold(ended, reports('NAME', step), notInUse('NAME', zoneC), 6);
  await assertUnharmed(w, [first]);
  await goesOn(w, 2, 1);
};

const consoleIn = async (w: CloudWorld, zone: string): Promise<string> => {
  const name = (await statusOf(w)).masters.find((m) => m.zone === zone)?.name ?? assert.fail();
  const path = `/compute/v1/projects/${project}/zones/${zone}/instances/${name}/serialPort`;
  return String((await w.request('GET', path)).contents);
};

// One of three; the others go on by themselves.
const node = async (t: TestContext, step: string): Promise<void> => {
  const w = await small(t, `node-${step}`);
  w.emulator.faults.set([strikes('kubernetes-minion-group-....', step, why, { nth: 2 })]);
  const message = `K/3 Ready. An instance in the pool reported a failed boot: ${minion}: ${step}: ${why}`;
  assertTold(await addPool(w, zoneC, { nodes: 3 }), message, `${withoutCause}. ${consoleOf(minion, zoneC)}`, 6);
  await assertUnharmed(w, [first]);
  if (step === 'packages') {
    assertDone(await undo(w, 'pool-add'));
    await assertWhole(w, 1, 1);
  } else await goesOn(w, 1, 4);
};

const goesOn = async (w: CloudWorld, masters: number, nodes: number): Promise<void> => {
  assertDone(await resumed(w));
  await assertWhole(w, masters, nodes);
};

const stories: Readonly<Record<Role, (t: TestContext, step: string) => Promise<void>>> = {
  first: firstMaster,
  replica,
  node,
};

for (const { id, roles } of bootSteps)
  for (const role of roles)
    test(`the startup script fails at ${id}, role ${role}: said at once, what serves goes on, resume or undo`, (t) =>
      stories[role](t, id));
