import test from 'node:test';
import { crashDown, everyRecord, stride, type Recovery } from './crash.ts';

for (const [first, recovery] of (['resume', 'again without journals'] satisfies Recovery[]).entries()) {
  test(`down, killed at any journal record, leaves nothing after ${recovery}`, (t) =>
    everyRecord(t, (each, at) => crashDown(each, at, recovery), 40, stride, first));
}
