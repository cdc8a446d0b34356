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
  const identity = { cloud: world.cloud.id, project: world.cloud.project, uid };
  const root = { region: 'europe-west1', names: n };
  const parts = { world, root, identity, verb: 'replicate', wall: world.wall, call, lost: () => undefined };
  const fence = new Fence(parts);
  fence.took(1, fence.now());
  return gate(world, { identity, cluster, fence });
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
    reset: () => compute.own(instance(n.firstMaster)),
    'delete a disk': () => compute.own({ kind: 'disks', name: n.masterDisk(n.firstMaster), zone: zoneB }),
    'delete a group': () => compute.own({ kind: 'instanceGroups', name: n.masterGroup, zone: zoneB }),
    'delete or label the root record': () => compute.own({ kind: 'addresses', name: n.rootAddress, ...region }),
    'make what says it is another’s': () =>
      compute.insert(
        { kind: 'networks', name: n.network },
        { name: n.network, autoCreateSubnetworks: false, description: markerDescription(stranger) },
        call(),
      ),
    'a rule that says no': () => compute.own({ kind: 'firewalls', name: n.firewalls.ssh }, () => false),
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
  await own.cloud.compute.act(await own.cloud.compute.own(instance(n.firstMaster)), 'reset', {}, call());
});

test('what passed is good for one change, and nothing else is: no name, no copy, nothing without a gate or a rule', async (t) => {
  const w = await small(t, 'once');
  const { session } = await w.program();
  const uid = (await findRoots(session.world.cloud))[0]?.record.uid ?? '';
  const { compute } = behind(session.world, uid).cloud;
  const target = await compute.own(instance(n.firstMaster));
  const copy = { ...target };
  // @ts-expect-error -- a bare name is no target
  const bare = () => compute.remove(instance(n.firstMaster), call());
  await assert.rejects(bare(), { code: 'internal' });
  await assert.rejects(compute.act(copy, 'reset', {}, call()), { code: 'internal' });
  await compute.act(target, 'reset', {}, call());
  await assert.rejects(compute.act(target, 'reset', {}, call()), { code: 'internal' });
  await assert.rejects(session.world.cloud.compute.own(instance(n.firstMaster)), { code: 'foreign' });
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
