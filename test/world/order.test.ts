import assert from 'node:assert/strict';
import test from 'node:test';
import type { CloudStep } from '../../src/steps/world.ts';
import { labelKeys } from '../../src/model/marker.ts';
import { articleWish, cloudWorld, type CloudWorld } from '../support/cloudWorld.ts';
import { replicate } from './verbs.ts';

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

/** Everything that ends before a step starts, by the edges alone. */
const before = (steps: readonly CloudStep[], id: string): Set<string> => {
  const found = new Set<string>();
  const visit = (step: CloudStep): void => {
    for (const a of step.after) {
      if (found.has(a.id)) continue;
      found.add(a.id);
      visit(a);
    }
  };
  visit(steps.find((s) => s.id === id) ?? assert.fail(`no such step: ${id}`));
  return found;
};

test('the order holds by the edges, not by chance of timing', async (t) => {
  const w = await cloudWorld(t);
  const p = await w.program();
  const [{ steps }] = await w.planUp(p);
  const machine = before(steps, 'master:kubernetes-master');
  for (const rule of ['forwarding-rule:kubernetes-master', 'forwarding-rule:kubernetes-master-internal']) {
    assert.ok(machine.has(rule), `${rule} is no predecessor of the machine`);
  }
  assert.ok(before(steps, 'boot:kubernetes-master').has('register:kubernetes-master'));
  for (const step of steps.filter(
    (s) => !s.id.startsWith('check:') && !s.id.startsWith('address:kubernetes-master-ip'),
  )) {
    assert.ok(before(steps, step.id).has('address:kubernetes-master-ip'), `${step.id} may come before the root record`);
  }
  assert.equal((await w.up(p)).error, undefined);
  const down = (await w.planDown(p))?.[0].steps ?? [];
  const gone = before(down, 'remove-instances:europe-west1-b/kubernetes-master');
  assert.ok(gone.has('deregister:kubernetes-master'));
  const rest = down.filter((s) => s.id !== 'remove-addresses:kubernetes-master-ip').map((s) => s.id);
  assert.deepEqual(new Set(rest), before(down, 'remove-addresses:kubernetes-master-ip'));
});

test('addresses and forwarding rules are labelled, and nothing waits for it', async (t) => {
  const w = await cloudWorld(t);
  const p = await w.program();
  const zones = ['europe-west1-b', 'europe-west1-c'];
  const planned = await w.planUp(p, { ...articleWish, zones });
  const waiting = planned[0].steps.filter((s) => s.after.some((a) => a.id.startsWith('labels:')));
  assert.deepEqual(waiting, []);
  assert.equal((await w.apply(p, planned)).error, undefined);
  assert.equal((await replicate(w, 'europe-west1-d')).error, undefined);
  const state = w.resources() as Record<string, Record<string, { labels?: Record<string, string> }>>;
  const own = [
    ...Object.entries(state['compute/addresses'] ?? {}),
    ...Object.entries(state['compute/forwardingRules'] ?? {}),
  ];
  assert.equal(own.length, 7, own.map(([path]) => path).join());
  for (const [path, { labels }] of own) assert.equal(labels?.[labelKeys.cluster], 'kubernetes', `${path} has no label`);
});

test('a boot is followed closely from the step on that ends in serving', async (t) => {
  const w = await cloudWorld(t);
  const p = await w.program();
  assert.equal((await w.up(p)).error, undefined);
  const boot = p.events.filter((e) => 'step' in e && e.step === 'boot:kubernetes-master');
  const last = boot.find((e) => e.type === 'progress' && e.text.endsWith(' add-ons'))?.at;
  const done = boot.find((e) => e.type === 'done')?.at;
  assert.ok(last !== undefined && done !== undefined, 'its last step was never seen');
  // The first master is waited for to its end. The step takes 3.6 to 5 s; both ends are seen within one pause.
  assert.ok(done - last <= 8000, `seen ${done - last} ms after the beginning of its last step`);
});
