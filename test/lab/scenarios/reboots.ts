import assert from 'node:assert/strict';
import { randomText, seededIds, systemIds, type Ids } from '../../../src/lib/ids.ts';
import type { LabCloud } from '../cloud/labCloud.ts';
import type { Person } from '../scenario.ts';
import { identity } from './etcd.ts';
import { areWhole, cutPower, type Moment, moments, type Place } from './powerCuts.ts';

const first: Place = { zone: 'europe-west1-b', name: 'kubernetes-master' };
const replica: Place = { zone: 'europe-west1-c', name: 'kubernetes-master-cut' };
const b = { KUBE_GCE_ZONE: first.zone, NUM_NODES: '0' };
const c = { KUBE_GCE_ZONE: replica.zone, KUBE_REPLICA_NAME: replica.name };

const up = (person: Person): Promise<string> => person.trizone(['kube-up', '--yes'], b);
const down = (person: Person): Promise<string> => person.trizone(['kube-down', '--yes'], b);
const join = (person: Person): Promise<string> =>
  person.trizone(['kube-up', '--yes'], { ...c, KUBE_REPLICATE_EXISTING_MASTER: 'true' });
const leave = (person: Person): Promise<string> =>
  person.trizone(['kube-down', '--yes'], { ...c, KUBE_DELETE_NODES: 'false' });

/**
 * A master loses power during its first boot, at random points: it comes up complete or starts over, no partial etcd
 * member stays, and etcd never starts on an empty folder. TRIZONE_LAB_SEED repeats a run, TRIZONE_LAB_CUTS is the
 * number of points (10) for the first master, and again for a replica.
 */
export const reboots = async (person: Person, cloud: LabCloud): Promise<void> => {
  const seed = process.env.TRIZONE_LAB_SEED ?? randomText(systemIds, 8);
  const cuts = Number(process.env.TRIZONE_LAB_CUTS ?? 10);
  console.log(`TRIZONE_LAB_SEED=${seed} TRIZONE_LAB_CUTS=${cuts}`);
  const ids = seededIds(seed);
  await firstMasters(person, cloud, ids, cuts);
  await withoutUnit(person, cloud);
  await replicas(person, cloud, ids, cuts);
  await down(person);
  await person.leftNothing();
};

// A new cluster each time; the last one stays.
const firstMasters = async (person: Person, cloud: LabCloud, ids: Ids, cuts: number): Promise<void> => {
  await up(person);
  await areWhole(person, cloud, [first]);
  for (const moment of moments(ids, cuts, cloud.machine(first.zone, first.name).console)) {
    await down(person);
    await Promise.all([cutPower(cloud, first, moment), up(person)]);
    cloud.check();
    await areWhole(person, cloud, [first]);
  }
};

// The same cluster gets the same replica again and again.
const replicas = async (person: Person, cloud: LabCloud, ids: Ids, cuts: number): Promise<void> => {
  const before = await identity(person);
  await join(person);
  const drawn = moments(ids, cuts, cloud.machine(replica.zone, replica.name).console);
  for (const moment of [worst, ...drawn]) {
    await leave(person);
    await Promise.all([cutPower(cloud, replica, moment), join(person)]);
    cloud.check();
    await areWhole(person, cloud, [first, replica]);
  }
  await leave(person);
  await areWhole(person, cloud, [first]);
  assert.deepEqual(await identity(person), before, 'the first master is the member that it was');
};

// It votes, and has not recorded yet that it has joined.
const worst: Moment = { step: 'serving', afterMs: 0 };

// Without the unit that mounts the disk and the kubelet's dependency on it, the kubelet starts but runs nothing.
const withoutUnit = async (person: Person, cloud: LabCloud): Promise<void> => {
  const before = await identity(person);
  const units = ['trizone-disk.service', 'multi-user.target.wants/trizone-disk.service'];
  const paths = [...units, 'kubelet.service.d/05-trizone-disk.conf'].map((name) => `/etc/systemd/system/${name}`);
  const removed = await cloud.machine(first.zone, first.name).run(['rm', ...paths]);
  assert.equal(removed.code, 0, removed.err);
  await cutPower(cloud, first, { step: undefined, afterMs: 0 });
  await areWhole(person, cloud, [first]);
  assert.deepEqual(await identity(person), before, 'etcd comes back with what it held');
};
