import assert from 'node:assert/strict';
import test from 'node:test';
import * as v from 'valibot';
import { stepsOf } from '../../src/boot/steps.ts';
import { GuestWorld, bootConfigFor } from '../support/guestWorld.ts';

const master = 'europe-west1-b/kubernetes-master';
const progressSchema = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({
    step: v.string(),
    n: v.number(),
    of: v.number(),
    at: v.pipe(v.string(), v.isoTimestamp()),
    bootId: v.string(),
  }),
);
const errorSchema = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({ step: v.string(), bootId: v.string(), message: v.string() }),
);

const walked = (console: string): (string | undefined)[] =>
  [...console.matchAll(/TRIZONE step=(\S+) n=\d+ of=\d+$/gm)].map((m) => m[1]);

const errorOf = (world: GuestWorld, key: string) => v.parse(errorSchema, world.attribute(key, 'error'));

test('a machine walks the steps that the startup script is rendered from and reports each', async () => {
  const world = new GuestWorld('walk');
  await world.cluster();
  assert.deepEqual(walked(world.console(master)), [...stepsOf('first').map((s) => s.id), 'done']);
  const progress = v.parse(progressSchema, world.attribute(master, 'progress'));
  assert.deepEqual(
    [progress.step, progress.n, progress.of],
    ['done', stepsOf('first').length, stepsOf('first').length],
  );
  assert.equal(world.attribute(master, 'ready'), progress.bootId);
});

test('a machine that is no part of a cluster starts and asks for a login', async () => {
  const world = new GuestWorld('plain');
  const key = world.start('kubernetes-master-foo-bar', 'europe-west1-b', {});
  await world.settled();
  assert.match(world.console(key), /Linux version[\s\S]*kubernetes-master-foo-bar login:/);
  assert.equal(world.attribute(key, 'progress'), undefined);
});

test('no console line and no attribute holds a token or a key', async () => {
  const world = new GuestWorld('quiet');
  await world.cluster(['europe-west1-b']);
  const token = /"token":"([^"]+)"/.exec(world.latest('kubernetes-join'))?.[1] ?? '';
  assert.match(token, /^[a-z0-9]{6}\.[a-z0-9]{16}$/);
  for (const { key } of world.machines()) {
    const said = [world.console(key), world.attribute(key, 'progress'), world.attribute(key, 'ready')].join('\n');
    assert.ok(!said.includes(token) && !said.includes('PRIVATE KEY'));
  }
});

test('a permission that has not spread yet is waited for', async () => {
  const world = new GuestWorld('permission');
  world.denied.add('kubernetes-pki');
  const done = world.cluster();
  await world.clock.sleep(300_000);
  assert.match(world.console(master), /step=pki n=8 of=15 says="Permission denied on secret: kubernetes-pki"/);
  world.denied.clear();
  await done;
  assert.notEqual(world.attribute(master, 'ready'), undefined);
});

test('a permission that never comes ends the boot with an error that names it', async () => {
  const world = new GuestWorld('denied');
  world.denied.add('kubernetes-pki');
  await world.cluster();
  const error = errorOf(world, master);
  assert.deepEqual([error.step, error.message], ['pki', 'Permission denied on secret: kubernetes-pki']);
  assert.equal(error.bootId, world.instance(master)?.bootId);
  assert.equal(world.attribute(master, 'ready'), undefined);
});

test('a first master outside the load balancer cannot make a cluster', async () => {
  const world = new GuestWorld('order');
  world.startRole('kubernetes-master', 'europe-west1-b', 'first');
  await world.settled();
  assert.deepEqual(errorOf(world, master), {
    step: 'init',
    bootId: world.instance(master)?.bootId,
    message: 'the endpoint does not route to this instance: 10.10.0.10:443',
  });
});

test('a replica in the load balancer before it has joined reaches only itself and never joins', async () => {
  const world = new GuestWorld('hairpin');
  await world.cluster();
  const replica = 'europe-west1-c/kubernetes-master-x7k';
  world.group.add(replica);
  world.startRole('kubernetes-master-x7k', 'europe-west1-c', 'replica');
  await world.settled();
  assert.match(errorOf(world, replica).message, /waiting for the endpoint/);
});

test('a first master on an empty disk refuses to make a cluster that was made before', async () => {
  const world = new GuestWorld('second');
  world.secrets.set('kubernetes-join', ['{}']);
  await world.cluster();
  assert.match(errorOf(world, master).message, /created before, but not on this disk/);
});

test('authorities of another cluster are never taken over', async () => {
  const world = new GuestWorld('foreign');
  world.secrets.set('kubernetes-pki', ['{"trizone":1,"uid":"other","files":{}}']);
  await world.cluster();
  assert.equal(errorOf(world, master).message, 'the secret kubernetes-pki belongs to another cluster');
});

test('a disk of another cluster is never taken over', async () => {
  const world = new GuestWorld('disk');
  world.save({ disk: 'zones/europe-west1-b/disks/kubernetes-master-pd' }, 'disk', { joined: 'other' });
  await world.cluster();
  assert.equal(errorOf(world, master).message, 'the disk belongs to another cluster');
});

test('a power cut before "joined" starts over with the same authorities', async () => {
  const world = new GuestWorld('half');
  world.group.add(master);
  world.startRole('kubernetes-master', 'europe-west1-b', 'first');
  while (!world.console(master).includes('step=serving')) await world.clock.sleep(500);
  const authorities = world.latest('kubernetes-pki');
  world.powerOff(master);
  world.powerOn(master);
  await world.settled();
  assert.equal(world.attribute(master, 'ready'), world.instance(master)?.bootId);
  assert.deepEqual(world.secrets.get('kubernetes-pki'), [authorities]);
});

test('a machine that starts again reports its new boot and does not repeat what is done', async () => {
  const world = new GuestWorld('again');
  await world.cluster();
  const before = world.secrets.get('kubernetes-join')?.length;
  world.powerOff(master);
  const off = world.clock.now();
  world.powerOn(master);
  while (world.attribute(master, 'ready') !== world.instance(master)?.bootId) await world.clock.sleep(500);
  assert.ok(world.clock.now() - off < 45_000, 'a second start takes less than 45 s');
  await world.settled();
  assert.equal(world.secrets.get('kubernetes-join')?.length, before);
});

test('a master re-created on its disk takes its cluster up again', async () => {
  const world = new GuestWorld('recreate');
  await world.cluster(['europe-west1-b']);
  world.remove(master);
  assert.equal(world.attribute(master, 'error'), undefined);
  world.startRole('kubernetes-master', 'europe-west1-b', 'first');
  await world.settled();
  assert.equal(world.attribute(master, 'ready'), world.instance(master)?.bootId);
  const { length } = world.secrets.get('kubernetes-pki') ?? [];
  assert.equal(length, 1);
});

test('nodes wait for their cluster, however late it comes', async () => {
  const world = new GuestWorld('early');
  const node = world.startRole('kubernetes-minion-group-0abc', 'europe-west1-c', 'node');
  await world.clock.sleep(600_000);
  assert.match(
    world.console(node),
    /step=await-endpoint n=6 of=7 says="waiting for the join secret: not available yet"/,
  );
  await world.cluster();
  assert.notEqual(world.attribute(node, 'ready'), undefined);
});

test('a machine whose configuration cannot be read does nothing', async () => {
  const world = new GuestWorld('bad');
  const key = world.start('x', 'europe-west1-b', {
    'trizone-config': JSON.stringify({ ...bootConfigFor('first'), trizone: 2 }),
  });
  await world.settled();
  assert.match(world.console(key), /login:/);
});
