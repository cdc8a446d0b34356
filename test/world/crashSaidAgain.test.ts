import test from 'node:test';
import { crashUpAndDown, everyRecord, stride } from './crash.ts';

test('up and down, each killed at any journal record: again without journals converges, and nothing is left', (t) =>
  everyRecord(t, (each, at) => crashUpAndDown(each, at, 'again without journals'), 40, stride, 1));
