import test from 'node:test';
import { crashDown, everyRecord, type Recovery } from './crash.ts';

for (const recovery of ['resume', 'again without journals'] satisfies Recovery[]) {
  test(`down, killed at any journal record, leaves nothing after ${recovery}`, (t) =>
    everyRecord(t, (each, at) => crashDown(each, at, recovery)));
}
