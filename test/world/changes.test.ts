import { message } from '../../src/lib/message.ts';
import assert from 'node:assert/strict';
import test from 'node:test';
import { ruleWords } from '../../src/steps/firewall.ts';
import { findLeftovers } from '../../src/steps/inventory.ts';
import { articleWish, cloudWorld, type CloudWorld } from '../support/cloudWorld.ts';
import { temporaryFolder } from '../support/engineWorld.ts';
import { byHand } from './cloudErrors.ts';

const httpsSources = async (w: CloudWorld): Promise<unknown> =>
  (await w.request('GET', '/compute/v1/projects/demo-project/global/firewalls/kubernetes-master-https')).sourceRanges;

test('another allow-list is planned as one update of one rule, applied, and then nothing is left to plan', async (t) => {
  const w = await cloudWorld(t);
  assert.equal((await w.up()).error, undefined);
  assert.deepEqual(await httpsSources(w), ['0.0.0.0/0']);
  const wish = { ...articleWish, apiAllow: ['203.0.113.0/24'] };
  const narrow = ['203.0.113.0/24', '10.128.0.0/20', '10.64.0.0/14'];
  const p = await w.program();
  const planned = await w.planUp(p, wish);
  assert.deepEqual(
    planned[1].changes.map((c) => [c.step.id, c.decision]),
    [['firewall:kubernetes-master-https', { do: 'update', detail: `sources 0.0.0.0/0 → ${narrow.join(', ')}` }]],
  );
  assert.equal((await w.apply(p, planned)).error, undefined);
  assert.deepEqual(await httpsSources(w), narrow);
  assert.equal((await w.planUp(await w.program(), wish))[1].changes.length, 0);
});

test('an edit by hand of the allow-list is mended by whoever names one', async (t) => {
  const w = await cloudWorld(t);
  assert.equal((await w.up()).error, undefined);
  await byHand(w, 'PATCH', 'global/firewalls/kubernetes-master-https', { sourceRanges: ['198.51.100.0/24'] });
  assert.equal((await w.up(undefined, { ...articleWish, apiAllow: ['0.0.0.0/0'] })).error, undefined);
  assert.deepEqual(await httpsSources(w), ['0.0.0.0/0']);
});

test('a rule that is open to everybody says so in the plan', () => {
  const rule = {
    name: 'r',
    title: message('r'),
    sourceTags: [],
    targetTags: ['m'],
    allowed: { tcp: ['443'], icmp: [] },
  };
  assert.equal(
    ruleWords({ ...rule, sourceRanges: ['0.0.0.0/0'] }),
    'tcp:443 icmp from 0.0.0.0/0 (open to the internet; restrict it with --api-allow)',
  );
  assert.equal(ruleWords({ ...rule, sourceRanges: ['10.0.0.0/8'] }), 'tcp:443 icmp from 10.0.0.0/8');
});

interface Policy {
  readonly etag: string;
  readonly bindings?: { readonly role: string; readonly members: readonly string[] }[];
}

const policyPath = '/v3/projects/demo-project';
const policy = async (w: CloudWorld): Promise<Policy> =>
  (await w.request('POST', `${policyPath}:getIamPolicy`, {})) as unknown as Policy;

test('tear down takes away the roles of both accounts, also of one that was deleted before, and of nobody else', async (t) => {
  const w = await cloudWorld(t);
  const person = { role: 'roles/compute.viewer', members: ['user:somebody@example.com'] };
  const { etag } = await policy(w);
  await w.request('POST', `${policyPath}:setIamPolicy`, { policy: { etag, bindings: [person] } });
  const before = w.resources();
  assert.equal((await w.up()).error, undefined);
  const members = async (): Promise<string[]> => ((await policy(w)).bindings ?? []).flatMap((b) => b.members);
  assert.ok((await members()).includes('serviceAccount:tz-kubernetes-cp@demo-project.iam.gserviceaccount.com'));
  await w.request(
    'DELETE',
    '/v1/projects/demo-project/serviceAccounts/tz-kubernetes-cp@demo-project.iam.gserviceaccount.com',
  );
  assert.ok((await members()).some((m) => m.startsWith('deleted:serviceAccount:tz-kubernetes-cp@')));
  assert.equal((await w.down())?.error, undefined);
  assert.deepEqual((await policy(w)).bindings, [person]);
  const stable = (state: Record<string, unknown>): unknown => ({ ...state, policies: undefined });
  assert.deepEqual(stable(w.resources()), stable(before));
});

test('another computer is told who holds the cluster, since when, and what to do', async (t) => {
  const w = await cloudWorld(t);
  await assert.rejects(w.up(await w.program({ crashAt: 12 })), /killed/);
  const told = async (): Promise<[string | undefined, string | undefined, string | undefined]> => {
    const [, plan] = await w.planUp(await w.program({ folder: temporaryFolder(t) }));
    const [refusal] = plan.refusals;
    return [refusal?.code, refusal?.message.replace(/\d+ s ago/, 'N s ago'), refusal?.remedy];
  };
  const who = 'Another computer holds the cluster: up, last heartbeat N s ago';
  assert.deepEqual(await told(), [
    'leased',
    who,
    'Wait for it, or use --take-over to take over after 300 s without a heartbeat.',
  ]);
  await w.clock.sleep(400_000);
  assert.deepEqual(await told(), ['leased', who, 'Its lease has expired. To take over, use --take-over.']);
});

test('a second run of this computer is told which process holds the cluster', async (t) => {
  const w = await cloudWorld(t);
  const [one, two] = [await w.program(), await w.program()];
  const plans = [await w.planUp(one), await w.planUp(two)] as const;
  const running = w.apply(one, plans[0]);
  await assert.rejects(w.apply(two, plans[1]), {
    code: 'leased',
    message: `Another run holds the cluster: up for 0 s (process ${process.pid})`,
    remedy: 'Wait for it to finish. If its process is hung, use --take-over.',
  });
  assert.equal((await running).error, undefined);
});

test('without its root record a cluster is listed as leftovers, all of it, and never deleted', async (t) => {
  const w = await cloudWorld(t);
  const p = await w.program();
  assert.equal((await w.up(p)).error, undefined);
  assert.deepEqual(await findLeftovers(p.session.world.cloud), []);
  await byHand(w, 'DELETE', 'regions/europe-west1/forwardingRules/kubernetes-master');
  await byHand(w, 'DELETE', 'regions/europe-west1/addresses/kubernetes-master-ip');
  const left = await findLeftovers(p.session.world.cloud);
  const count = (kind: string): number => left.filter((l) => l.kind === kind).length;
  const counts = Object.fromEntries([...new Set(left.map((l) => l.kind))].sort().map((kind) => [kind, count(kind)]));
  assert.deepEqual(counts, {
    ...{ addresses: 2, backendServices: 2, disks: 1, firewalls: 7, forwardingRules: 1, healthChecks: 1 },
    ...{ instanceGroupManagers: 1, instanceGroups: 1, instanceTemplates: 1, instances: 4, networks: 1 },
    ...{ secrets: 3, serviceAccounts: 2, subnetworks: 1 },
  });
  assert.equal(new Set(left.map((l) => l.uid)).size, 1);
  assert.deepEqual([...new Set(left.filter((l) => l.billed).map((l) => l.kind))].sort(), [
    ...['addresses', 'disks', 'forwardingRules', 'instances'],
  ]);
  const state = w.resources();
  assert.equal(await w.down(), undefined);
  assert.deepEqual(w.resources(), state);
  const [, plan] = await w.planUp(await w.program());
  assert.ok(plan.refusals.length > 0, 'a new cluster would adopt what another one left');
  assert.ok(plan.refusals.every((r) => r.code === 'foreign'));
});
