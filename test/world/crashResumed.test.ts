import test from 'node:test';
import { crashUpAndDown, everyRecord, stride } from './crash.ts';

test('up and down, each killed at any journal record: resume converges, and nothing is left', (t) =>
  everyRecord(t, (each, at) => crashUpAndDown(each, at, 'resume'), 40, stride, 0));
