import '../support/lean.ts';
import assert from 'node:assert/strict';
import test from 'node:test';
import type { Call, Ref } from '../../src/gce/cloud.ts';
import { markerDescription } from '../../src/model/marker.ts';
import { names } from '../../src/model/names.ts';
import { findRoots } from '../../src/steps/inventory.ts';
import type { Writes } from '../../src/steps/world.ts';
import { Fence } from '../../src/operate/fence.ts';
import { gate } from '../../src/operate/gate.ts';
import { small } from '../world/stories.ts';
import { cluster, zoneB } from '../world/verbs.ts';

const n = names(cluster);
let calls = 0;
const call = (): Call => ({ requestId: `00000000-0000-4000-8000-${String(calls++).padStart(12, '0')}` });

/** The world behind the gate of a run for the cluster of this uid, whose lease counts as held. */
const behind = (world: Writes, uid: string): Writes => {
  const whom = { cloud: world.cloud.id, project: world.cloud.project, uid };
  const root = { region: 'europe-west1', names: n };
  const parts = { world, root, whom, verb: 'replicate', wall: world.wall, call, lost: () => undefined };
  const fence = new Fence(parts);
  fence.took(1, fence.now());
  return gate(world, { whom, cluster, fence });
};

const instance = (name: string): Ref<'instances'> => ({ kind: 'instances', name, zone: zoneB });

test('what is another cluster’s passes no gate, whatever its name; what is its own passes', async (t) => {
  const w = await small(t, 'gate');
  const { session } = await w.program();
  const uid = (await findRoots(session.world.cloud))[0]?.record.uid ?? '';
  const { cloud, kubernetes } = behind(session.world, 'stranger');
  const { compute, services } = cloud;
  const before = w.resources();
  const region = { region: 'europe-west1' };
  const policy = await services.projectPolicy();
  const stranger = { cluster, uid: 'somebody' };
  const refused: Readonly<Record<string, () => Promise<unknown>>> = {
    reset: () => compute.act(instance(n.firstMaster), 'reset', {}, call()),
    'delete a disk': () => compute.remove({ kind: 'disks', name: n.masterDisk(n.firstMaster), zone: zoneB }, call()),
    'delete a group': () => compute.remove({ kind: 'instanceGroups', name: n.masterGroup, zone: zoneB }, call()),
    'delete the root record': () => compute.remove({ kind: 'addresses', name: n.rootAddress, ...region }, call()),
    'label the root record': () =>
      compute.act(
        { kind: 'addresses', name: n.rootAddress, ...region },
        'setLabels',
        { labels: {}, labelFingerprint: '' },
        call(),
      ),
    'make what says it is another’s': () =>
      compute.insert(
        { kind: 'networks', name: n.network },
        { name: n.network, autoCreateSubnetworks: false, description: markerDescription(stranger) },
        call(),
      ),
    'a rule that says no': () =>
      compute.remove({ kind: 'firewalls', name: n.firewalls.ssh }, { ...call(), rule: () => false }),
    'delete a secret': () => services.removeSecret(n.secrets.pki),
    'set who may read a secret': () => services.setSecretPolicy(n.secrets.pki, { etag: '', bindings: [] }),
    'make a secret': () => services.createSecret('x', { 'trizone-cluster': cluster, 'trizone-uid': 'somebody' }),
    'delete an account': () => services.removeServiceAccount(n.masterAccount),
    'make an account': () => services.createServiceAccount('tz-x-cp', 'x', markerDescription(stranger)),
    'take roles of its accounts': () => services.setProjectPolicy({ ...policy, bindings: [] }),
  };
  for (const [what, act] of Object.entries(refused)) await assert.rejects(act(), { code: 'foreign' }, what);
  assert.equal(await kubernetes(n.secrets.admin), undefined, 'its API is not reached');
  assert.deepEqual(w.resources(), before);
  const own = behind(session.world, uid);
  assert.ok(await own.kubernetes(n.secrets.admin));
  await own.cloud.compute.act(instance(n.firstMaster), 'reset', {}, call());
});

test('roles of others are never changed along with one’s own', async (t) => {
  const w = await small(t, 'roles');
  const { session } = await w.program();
  const uid = (await findRoots(session.world.cloud))[0]?.record.uid ?? '';
  const { services } = behind(session.world, uid).cloud;
  const policy = await services.projectPolicy();
  const owner = { role: 'roles/owner', members: ['user:somebody@example.com'] };
  await assert.rejects(services.setProjectPolicy({ ...policy, bindings: [...policy.bindings, owner] }), {
    code: 'foreign',
    message: /roles of user:somebody@example.com/,
  });
  await services.setProjectPolicy({ ...policy, bindings: [] });
  assert.deepEqual((await services.projectPolicy()).bindings, []);
});
