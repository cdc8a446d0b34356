import assert from 'node:assert/strict';
import type { LabCloud } from '../cloud/labCloud.ts';
import type { Person } from '../scenario.ts';

const zones = ['b', 'c', 'd'].map((letter) => `europe-west1-${letter}`);

// design/cluster.md: a check every 5 s, removed after two failures; the third began at the moment of the cut.
const periodMs = 15_000;
const requestsPerSecond = 10; // of Trizone's prober: 5 reads and 5 writes

/**
 * One of three masters loses its power in the middle of its work. Clients may lose the requests of one health-check
 * period, of which a third go to the dead master, and Trizone's own report must say so.
 */
export const drill = async (person: Person, cloud: LabCloud): Promise<void> => {
  await person.trizone(['up', '--zones', zones.join(), '--nodes', '1', '--yes']);
  cloud.broken.stops = true;
  const report = await person.trizone(['drill', 'halt', 'kubernetes-master', '--yes']);
  cloud.check();
  const [, failed, sent] = /Clients during the run: (\d+) of (\d+) requests failed/.exec(report) ?? [];
  assert.ok(Number(sent) > requestsPerSecond, report);
  assert.ok(Number(failed) <= (periodMs / 1000) * requestsPerSecond, report);
  await person.trizone(['validate']);
  await person.trizone(['down', '--yes-delete', 'kubernetes']);
  await person.leftNothing();
};
