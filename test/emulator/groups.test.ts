import assert from 'node:assert/strict';
import test from 'node:test';
import type { Instance, InstanceGroup } from '../../src/emulator/compute/resources.ts';
import { emulated, type EmulatedCloud } from '../support/emulatedCloud.ts';
import {
  backendService,
  joinGroup,
  makeBalancer,
  makeMachines,
  region,
  template,
  zone,
} from '../support/emulatedWorld.ts';

interface Managed {
  readonly name: string;
  readonly currentAction: string;
  readonly instanceStatus?: string;
  readonly lastAttempt?: { readonly errors: { readonly errors: { readonly code: string }[] } };
}

const pool = `${zone}/instanceGroupManagers/pool`;

const members = async (cloud: EmulatedCloud): Promise<Managed[]> => {
  const answer = await cloud.ask('POST', `${pool}/listManagedInstances`);
  return (answer.body as unknown as { managedInstances?: Managed[] }).managedInstances ?? [];
};

const isStable = async (cloud: EmulatedCloud): Promise<boolean> =>
  (await cloud.get<{ status: { isStable: boolean } }>(pool)).status.isStable;

const untilStable = async (cloud: EmulatedCloud): Promise<void> => {
  const late = cloud.clock.now() + 600_000;
  while (!(await isStable(cloud))) {
    assert.ok(cloud.clock.now() < late, 'the group did not become stable');
    await cloud.clock.sleep(1_000);
  }
};

const makePool = async (cloud: EmulatedCloud, targetSize: number): Promise<void> => {
  await cloud.do('POST', 'global/instanceTemplates', template('t'));
  const instanceTemplate = 'global/instanceTemplates/t';
  await cloud.do('POST', `${zone}/instanceGroupManagers`, {
    name: 'pool',
    baseInstanceName: 'pool',
    instanceTemplate,
    targetSize,
  });
};

test('machines go in and out of an unmanaged group, and leave it when they are deleted', async (t) => {
  const cloud = emulated(t);
  await makeMachines(cloud, ['m1', 'm2']);
  await cloud.do('POST', `${zone}/instanceGroups`, { name: 'g' });
  await joinGroup(cloud, 'g', ['m1', 'm2']);
  const group = await cloud.get<InstanceGroup & { size: number }>(`${zone}/instanceGroups/g`);
  assert.equal(group.size, 2);
  assert.ok(group.network?.endsWith('/default'));
  const instances = [{ instance: `${zone}/instances/m1` }];
  const twice = await cloud.ask('POST', `${zone}/instanceGroups/g/addInstances`, { instances });
  assert.equal(twice.body.error?.errors?.[0]?.reason, 'memberAlreadyExists');
  await cloud.do('POST', `${zone}/instanceGroups/g/removeInstances`, { instances });
  await cloud.do('DELETE', `${zone}/instances/m2`);
  assert.equal((await cloud.get<{ size: number }>(`${zone}/instanceGroups/g`)).size, 0);
  const none = await cloud.ask('POST', `${zone}/instanceGroups/g/addInstances`, {
    instances: [{ instance: `${zone}/instances/m9` }],
  });
  assert.equal(none.status, 404);
});

test('an empty group needs a network of its own before a backend service can have it', async (t) => {
  const cloud = emulated(t);
  await makeBalancer(cloud, []);
  await cloud.do('POST', `${zone}/instanceGroups`, { name: 'bare' });
  const refused = await cloud.ask('POST', `${region}/backendServices`, backendService('bs2', ['bare']));
  assert.match(refused.body.error?.message as unknown as string, /has no network/);
  assert.equal((await cloud.get<InstanceGroup>(`${zone}/instanceGroups/masters`)).network?.endsWith('/default'), true);
});

test('a machine may be in one load-balanced group only', async (t) => {
  const cloud = emulated(t);
  await makeMachines(cloud, ['m1']);
  await makeBalancer(cloud, ['m1']);
  await cloud.do('POST', `${zone}/instanceGroups`, { name: 'other', network: 'global/networks/default' });
  await joinGroup(cloud, 'other', ['m1']);
  const insert = await cloud.end(
    await cloud.start('POST', `${region}/backendServices`, backendService('bs2', ['other'])),
  );
  assert.equal(insert.error?.errors[0]?.code, 'INSTANCE_IN_MULTIPLE_LOAD_BALANCED_IGS');
  assert.equal((await cloud.ask('GET', `${region}/backendServices/bs2`)).status, 404);
  const instances = [{ instance: `${zone}/instances/m1` }];
  await cloud.do('POST', `${zone}/instanceGroups/other/removeInstances`, { instances });
  await cloud.do('POST', `${region}/backendServices`, backendService('bs2', ['other']));
  const add = await cloud.end(await cloud.start('POST', `${zone}/instanceGroups/other/addInstances`, { instances }));
  assert.equal(add.error?.errors[0]?.code, 'INSTANCE_IN_MULTIPLE_LOAD_BALANCED_IGS');
  const service = await cloud.get<{ fingerprint: string }>(`${region}/backendServices/bs2`);
  await cloud.do('PATCH', `${region}/backendServices/bs2`, { fingerprint: service.fingerprint, backends: [] });
  assert.equal(
    (await cloud.ask('PATCH', `${region}/backendServices/bs2`, { fingerprint: 'AAAAAAAAAAA=' })).status,
    412,
  );
});

test('a managed group makes its machines, grows, shrinks and goes with all of them', async (t) => {
  const cloud = emulated(t);
  await makePool(cloud, 3);
  assert.equal(await isStable(cloud), false);
  await untilStable(cloud);
  const three = await members(cloud);
  assert.equal(three.length, 3);
  for (const m of three) {
    assert.match(m.name, /^pool-[a-z0-9]{4}$/);
    assert.equal(m.instanceStatus, 'RUNNING');
  }
  assert.equal((await cloud.get<{ size: number }>(`${zone}/instanceGroups/pool`)).size, 3);
  const made = await cloud.get<Instance>(`${zone}/instances/${three[0]?.name ?? ''}`);
  assert.ok(
    made.metadata.items?.some((i) => i.key === 'created-by' && i.value?.endsWith('/instanceGroupManagers/pool')),
  );
  const inUse = await cloud.ask('DELETE', 'global/instanceTemplates/t');
  assert.match(inUse.body.error?.message as unknown as string, /instance_template resource .* already being used/);
  await cloud.do('POST', `${pool}/resize?size=1`);
  await untilStable(cloud);
  assert.equal((await members(cloud)).length, 1);
  assert.equal((await cloud.ask('DELETE', `${zone}/instanceGroups/pool`)).status, 400);
  await cloud.do('DELETE', pool);
  const left = await cloud.get<{ items?: object[] }>(`${zone}/instances`);
  assert.equal(left.items, undefined);
  assert.equal((await cloud.ask('GET', `${zone}/instanceGroups/pool`)).status, 404);
  await cloud.do('DELETE', 'global/instanceTemplates/t');
});

test('a machine that somebody deletes comes back under its name with another id', async (t) => {
  const cloud = emulated(t);
  await makePool(cloud, 1);
  await untilStable(cloud);
  const name = (await members(cloud))[0]?.name ?? '';
  const before = await cloud.get<Instance>(`${zone}/instances/${name}`);
  await cloud.do('DELETE', `${zone}/instances/${name}`);
  await cloud.clock.sleep(1_000);
  await untilStable(cloud);
  const after = await cloud.get<Instance>(`${zone}/instances/${name}`);
  assert.notEqual(after.id, before.id);
  await cloud.do('POST', `${pool}/recreateInstances`, { instances: [`${zone}/instances/${name}`] });
  await untilStable(cloud);
  assert.notEqual((await cloud.get<Instance>(`${zone}/instances/${name}`)).id, after.id);
  await cloud.do('POST', `${pool}/deleteInstances`, { instances: [`${zone}/instances/${name}`] });
  await untilStable(cloud);
  assert.deepEqual(await members(cloud), []);
});

test('a stock-out in a managed group is told in lastAttempt and listErrors, and tried again', async (t) => {
  const cloud = emulated(t);
  cloud.emulator.faults.set([
    {
      match: { kind: 'instances', verb: 'insert', name: 'pool-.*' },
      times: 2,
      fault: { type: 'stockOut', zonesAvailable: [] },
    },
  ]);
  await makePool(cloud, 1);
  await cloud.clock.sleep(11_000);
  const [waiting] = await members(cloud);
  assert.equal(waiting?.currentAction, 'CREATING');
  assert.equal(waiting.lastAttempt?.errors.errors[0]?.code, 'ZONE_RESOURCE_POOL_EXHAUSTED');
  await untilStable(cloud);
  const errors = await cloud.get<{ items: object[] }>(`${pool}/listErrors`);
  assert.equal(errors.items.length, 2);
  assert.equal((await members(cloud))[0]?.name, waiting.name);
});
