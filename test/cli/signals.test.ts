import assert from 'node:assert/strict';
import test from 'node:test';
import { interrupts } from '../../src/cli/signals.ts';
import { VirtualClock } from '../../src/lib/virtualClock.ts';

const told = () => {
  const clock = new VirtualClock();
  const ways: string[] = [];
  const note = (way: string) => () => void ways.push(way);
  const heard = interrupts(clock, { stop: note('stop'), again: note('again'), quit: note('quit') });
  return { clock, ways, heard };
};

test('a second Ctrl-C within two seconds quits; a later one counts as a first one again', async () => {
  const { clock, ways, heard } = told();
  heard(true);
  await clock.sleep(2_000);
  heard(true);
  clock.shift(3_600_000); // a clock that is set is no two seconds
  await clock.sleep(1_999);
  heard(true);
  assert.deepEqual(ways, ['stop', 'again', 'quit']);
});

test('a terminal that is closed sends several signals: none of them quits, nor does the first Ctrl-C after one', async () => {
  const { clock, ways, heard } = told();
  heard(false);
  heard(false);
  await clock.sleep(100);
  heard(true);
  assert.deepEqual(ways, ['stop', 'again', 'again']);
});
