import assert from 'node:assert/strict';
import test from 'node:test';
import type { CloudWorld } from '../support/cloudWorld.ts';
import { crashVerb, everyRecord, type Crash, type Recovery } from './crash.ts';
import { assertDone, assertWhole, removeMaster, replicate, statusOf, zoneC } from './verbs.ts';

const replicaOf = async (w: CloudWorld): Promise<string | undefined> =>
  (await statusOf(w)).masters.find((m) => m.zone === zoneC)?.name;

const serves = async (w: CloudWorld): Promise<boolean> =>
  (await statusOf(w)).masters.some((m) => m.zone === zoneC && m.backend !== 'not in the load balancer');

/** Said anew after its registration, `replicate` would be a wish for one more. */
const replicating: Crash = {
  prepare: () => Promise.resolve(),
  verb: (w, p) => replicate(w, zoneC, p),
  again: async (w) => ((await serves(w)) ? undefined : replicate(w, zoneC)),
  check: async (w) => {
    await w.clock.sleep(30_000);
    await assertWhole(w, 2, 3);
  },
};

/** Names of replicas of which some part is there. */
const replicas = (w: CloudWorld): string[] => {
  const state = w.resources() as Record<string, object>;
  const ends: Record<string, RegExp> = { instances: /$/, disks: /-pd$/, addresses: /-int$/ };
  return Object.entries(ends).flatMap(([kind, end]) =>
    Object.keys(state[`compute/${kind}`] ?? {}).flatMap((path) => {
      const name = path.slice(path.lastIndexOf('/') + 1).replace(end, '');
      return /^kubernetes-master-[0-9a-z]{3}$/.test(name) ? [name] : [];
    }),
  );
};

const removing: Crash = {
  prepare: async (w) => {
    assertDone(await replicate(w, zoneC));
  },
  verb: async (w, p) => removeMaster(w, (await replicaOf(w)) ?? assert.fail(), p),
  again: async (w) => {
    const [left] = replicas(w);
    return left === undefined ? undefined : removeMaster(w, left);
  },
  check: async (w) => {
    await assertWhole(w, 1, 3);
    assert.deepEqual(replicas(w), []);
  },
};

/** `npm run world -- --long` tries every record. */
const stride = process.argv.includes('--long') ? 1 : 9;

for (const recovery of ['resume', 'again without journals'] satisfies Recovery[]) {
  test(`replicate, killed at any journal record, converges by ${recovery} to two masters, none doubled`, (t) =>
    everyRecord(t, (each, at) => crashVerb(each, at, recovery, replicating), 20, stride));
  test(`master remove, killed at any journal record, converges by ${recovery} to one master and nothing of the other`, (t) =>
    everyRecord(t, (each, at) => crashVerb(each, at, recovery, removing), 20, stride));
}
