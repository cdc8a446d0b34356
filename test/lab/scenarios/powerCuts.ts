import assert from 'node:assert/strict';
import { wallClock } from '../../../src/lib/clock.ts';
import { randomBelow, type Ids } from '../../../src/lib/ids.ts';
import type { LabCloud } from '../cloud/labCloud.ts';
import { until } from '../machines/commands.ts';
import type { Person } from '../scenario.ts';
import { etcdVoters } from './etcd.ts';

/** A master and its zone. */
export interface Place {
  readonly zone: string;
  readonly name: string;
}

/** A point in a boot: milliseconds after the start of a step of the startup script, or of the system. */
export interface Moment {
  readonly step: string | undefined;
  readonly afterMs: number;
}

// At a load of 80, a join took seven minutes.
const patienceMs = 900_000;

/**
 * `n` random points of a boot like the one on this console, one in each of `n` equal parts of its duration. They are
 * relative to steps, because a busy computer slows all of them down.
 */
export const moments = (ids: Ids, n: number, console: string): Moment[] => {
  const steps = [...console.matchAll(/^\[ *([\d.]+)\] .*TRIZONE step=(\S+)/gm)].map(([, at, step = '']) => ({
    step,
    ms: Number(at) * 1000,
  }));
  const end = steps.at(-1)?.ms ?? 0;
  return Array.from({ length: n }, (_, i) => {
    const ms = ((i + randomBelow(ids, 1000) / 1000) * end) / n;
    const last = steps.findLast((s) => s.ms <= ms);
    return { step: last?.step, afterMs: Math.round(ms - (last?.ms ?? 0)) };
  });
};

/** Cuts a machine's power at a point of its first boot and waits until the next boot has ended. */
export const cutPower = async (cloud: LabCloud, place: Place, { step, afterMs }: Moment): Promise<void> => {
  const { zone, name } = place;
  await until(`${name} runs`, patienceMs, () => cloud.runs(zone, name));
  if (step !== undefined) await printed(cloud, place, `step=${step}`, 0);
  await wallClock.sleep(afterMs);
  const before = cloud.machine(zone, name).console;
  await cloud.powerCut(zone, name);
  const now = /.*TRIZONE step=(\S+)/s.exec(before)?.[1];
  console.log(`CUT: ${name} ${afterMs} ms after ${step ?? 'its start'}${now === step ? '' : `, in ${now}`}`);
  await printed(cloud, place, 'step=done', before.length);
};

const printed = (cloud: LabCloud, { zone, name }: Place, words: string, from: number): Promise<void> =>
  until(`${name} says ${words}`, patienceMs, () =>
    cloud.machine(zone, name).console.slice(from).includes(`TRIZONE ${words}`),
  );

/** Exactly these masters exist, complete: etcd voters, Ready, with their data on their persistent disks. */
export const areWhole = async (person: Person, cloud: LabCloud, masters: readonly Place[]): Promise<void> => {
  const names = masters.map(({ name }) => name).sort();
  assert.deepEqual((await etcdVoters(person)).sort(), names, 'voters');
  const label = 'node-role.kubernetes.io/control-plane';
  await person.kubectl(['wait', '--for=condition=Ready', 'node', '-l', label, '--timeout=60s']);
  const nodes = await person.kubectl(['get', 'nodes', '-l', label, '-o', 'jsonpath={.items[*].metadata.name}']);
  assert.deepEqual(nodes.split(' ').sort(), names, 'Nodes');
  for (const { zone, name } of masters) await nothingBelow(cloud, { zone, name });
};

// The folders below the mount points are on the boot disk: files in
// them were written while the persistent disk was not mounted.
const look =
  'mkdir -p /run/below && mount --bind / /run/below && find /run/below/var/lib/etcd /run/below/etc/kubernetes -mindepth 1 && umount /run/below';

/** Nothing was ever started on an empty folder instead of the persistent disk. */
export const nothingBelow = async (cloud: LabCloud, { zone, name }: Place): Promise<void> => {
  const { code, out, err } = await cloud.machine(zone, name).run(['sh', '-c', look]);
  assert.deepEqual({ code, out, err }, { code: 0, out: '', err: '' }, `beneath the persistent disk of ${name}`);
};
