import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { bareEnvironment, trizone } from '../support/commandLine.ts';
import { temporaryFolder } from '../support/engineWorld.ts';

test('two starts at once with different options: one emulator runs as it was asked to, the other start is refused', async (t) => {
  const home = temporaryFolder(t);
  const state = join(home, 'state');
  const env = bareEnvironment(home);
  const scales = ['0.5', '0.25'];
  const both = await Promise.all(
    scales.map((scale) => trizone(['emulator', '--state', state, '--time-scale', scale], env)),
  );
  const entry = JSON.parse(readFileSync(join(state, 'emulator.json'), 'utf8')) as { pid: number; timeScale: number };
  t.after(() => process.kill(entry.pid));
  const kept = scales.indexOf(String(entry.timeScale));
  assert.equal(both[kept]?.code, 0, both[kept]?.err);
  assert.equal(both[1 - kept]?.code, 3, both[1 - kept]?.err);
  assert.match(both[1 - kept]?.err ?? '', /already running on this state folder with different options: timeScale/);
});
