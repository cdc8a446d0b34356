import '../support/lean.ts';
import assert from 'node:assert/strict';
import test from 'node:test';
import { makePlan } from '../../src/engine/plan.ts';
import { applyPlan } from '../../src/engine/runner.ts';
import type { RunResult } from '../../src/engine/runOptions.ts';
import type { Clock } from '../../src/lib/clock.ts';
import { uuid4 } from '../../src/lib/ids.ts';
import { names } from '../../src/model/names.ts';
import { holdLease, leaseSeconds, readLease, rootRef, writeLease } from '../../src/steps/lease.ts';
import type { Reads, Writes } from '../../src/steps/world.ts';
import type { CloudWorld, Program } from '../support/cloudWorld.ts';
import { memoryJournal, temporaryFolder } from '../support/engineWorld.ts';
import { ungated } from '../support/ungated.ts';
import { small } from '../world/stories.ts';
import { cluster } from '../world/verbs.ts';

const root = { region: 'europe-west1', names: names(cluster) };

/** Cluster time of an emulator whose minute takes 0.6 s of the world's. */
const fastClock = ({ clock }: CloudWorld, scale = 0.01): Clock => ({
  now: () => clock.now() / scale,
  monotonic: () => clock.monotonic() / scale,
  sleep: (ms, signal) => clock.sleep(ms * scale, signal),
  hold: (work) => clock.hold(work),
  leastDeadlineMs: 20_000 / scale,
});

/** A run that does nothing but take the lease over. */
const takeOver = async (w: CloudWorld, p: Program): Promise<RunResult> => {
  const { ids } = p.session;
  const world = { ...p.session.world, cloud: ungated(p.session.world.cloud) };
  const clock = fastClock(w);
  const cancel = new AbortController().signal;
  const plan = await makePlan<Reads, Writes>(
    [holdLease(root, { verb: 'replicate', risky: false, takeOver: true }, [])],
    world,
    clock,
    cancel,
  );
  const parts = { run: 'r1', journal: memoryJournal(), wall: w.clock, listen: () => undefined };
  return applyPlan(plan, { ...parts, world, clock, ids, cancel });
};

const beat = async ({ session: { world, ids } }: Program): Promise<void> => {
  const seen = await readLease(world, root);
  assert.ok(seen);
  const record = await ungated(world.cloud).compute.own(rootRef(root));
  await writeLease(world, record, 'replicate', seen, { requestId: uuid4(ids) });
};

test('a lease lapses in wall time, and the step that waits for it has that long, however fast the cluster’s clock runs', async (t) => {
  const w = await small(t, 'lapse');
  const gone = await w.program({ folder: temporaryFolder(t) });
  const start = w.clock.monotonic();
  await beat(gone);
  const taken = await takeOver(w, await w.program({ folder: temporaryFolder(t) }));
  assert.equal(taken.error, undefined, taken.error?.message);
  const seconds = (w.clock.monotonic() - start) / 1000;
  assert.ok(seconds >= leaseSeconds.lapsed - 1 && seconds < leaseSeconds.lapsed + 30, `${seconds} s`);
});

test('a holder that beats while somebody waits for its end lives, and is not taken over', async (t) => {
  const w = await small(t, 'lives');
  const holder = await w.program({ folder: temporaryFolder(t) });
  await beat(holder);
  const waits = takeOver(w, await w.program({ folder: temporaryFolder(t) }));
  await w.clock.sleep(leaseSeconds.beat * 1000);
  await beat(holder);
  assert.equal((await waits).error?.code, 'leased');
});
