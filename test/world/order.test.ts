import assert from 'node:assert/strict';
import test from 'node:test';
import { cloudWorld, type CloudWorld } from '../support/cloudWorld.ts';

/** One request that changed something, and how the cluster's endpoint stood right before it. */
interface Mutation {
  readonly what: string;
  readonly rules: number;
  readonly members: readonly string[];
}

/** Watches every mutation that goes over the wire, in the order in which it was accepted. */
const watch = (w: CloudWorld): Mutation[] => {
  const seen: Mutation[] = [];
  const real = w.emulator.fetch.bind(w.emulator);
  w.emulator.fetch = (url, init) => {
    const { pathname } = new URL(url);
    if (init?.method !== undefined && init.method !== 'GET' && !pathname.endsWith('/wait')) {
      seen.push({ what: `${init.method} ${pathname.replace(/^.*\/(projects\/[^/]+)\//, '')}`, ...endpoint(w) });
    }
    return real(url, init);
  };
  return seen;
};

const endpoint = (w: CloudWorld): { rules: number; members: string[] } => {
  const state = w.resources() as Record<string, Record<string, { members?: string[] }> | undefined>;
  const group = Object.values(state['compute/instanceGroups'] ?? {}).find((g) => g.members !== undefined);
  return { rules: Object.keys(state['compute/forwardingRules'] ?? {}).length, members: group?.members ?? [] };
};

const at = (seen: readonly Mutation[], pattern: RegExp): number => {
  const index = seen.findIndex((m) => pattern.test(m.what));
  assert.ok(index >= 0, `never asked: ${pattern}`);
  return index;
};

test('the load balancer is there before the first master, and the master behind it before its kubeadm init', async (t) => {
  const w = await cloudWorld(t);
  const seen = watch(w);
  const p = await w.program();
  assert.equal((await w.up(p)).error, undefined);
  const machine = seen[at(seen, /^POST zones\/.*\/instances$/)];
  assert.equal(machine?.rules, 2, 'a machine was made before both forwarding rules');
  const registered = p.events.find((e) => e.type === 'done' && e.step === 'register:kubernetes-master');
  const init = p.events.find((e) => e.type === 'progress' && /\binit\b/.test(e.text));
  assert.ok(
    registered !== undefined && init !== undefined && registered.at < init.at,
    'init began before registration',
  );
});

test('a master leaves the load balancer before anything else of it is touched, and the load balancer goes after it', async (t) => {
  const w = await cloudWorld(t);
  assert.equal((await w.up()).error, undefined);
  const seen = watch(w);
  assert.equal((await w.down())?.error, undefined);
  const left = at(seen, /removeInstances$/);
  const touched = seen.findIndex((m) => /instances\/kubernetes-master(\/|$)/.test(m.what));
  assert.ok(left < touched, 'the machine was touched while it served');
  const gone = at(seen, /^DELETE zones\/.*\/instances\/kubernetes-master$/);
  for (const part of [
    /^DELETE .*forwardingRules/,
    /^DELETE .*disks\/kubernetes-master-pd/,
    /^DELETE .*backendServices/,
  ]) {
    assert.ok(gone < at(seen, part), `${part} before the machine`);
  }
});

test('the root record is the first thing made and the last thing removed', async (t) => {
  const w = await cloudWorld(t);
  const seen = watch(w);
  await w.up();
  const isRead = (m: Mutation): boolean =>
    /testIamPermissions|getIamPolicy|listInstances|getHealth|listManaged/.test(m.what);
  const first = seen.find((m) => !isRead(m));
  assert.equal(first?.what, 'POST regions/europe-west1/addresses');
  seen.length = 0;
  await w.down();
  const last = seen.findLast((m) => !isRead(m));
  assert.equal(last?.what, 'DELETE regions/europe-west1/addresses/kubernetes-master-ip');
});
