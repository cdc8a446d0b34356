import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import * as v from 'valibot';
import { articleReport } from '../../src/operate/articleReport.ts';
import { bareEnvironment, trizone } from '../support/commandLine.ts';
import { temporaryFolder } from '../support/engineWorld.ts';

test('trizone article: thirteen steps on an emulator of its own, no request lost while masters come and go', async (t) => {
  const home = temporaryFolder(t);
  const file = join(home, 'report.json');
  const env = { ...bareEnvironment(home), TRIZONE_STATE: join(home, 'state') };
  const { code, out, err } = await trizone(['article', '--json', file], env);
  assert.equal(code, 0, `${out}\n${err}`);
  const report = v.parse(articleReport, JSON.parse(readFileSync(file, 'utf8')));
  assert.equal(report.ok, true);
  assert.equal(out.split('\n').filter((line) => line.startsWith('✓')).length, 13);
  assert.deepEqual(
    report.steps.map((s) => s.n),
    Array.from({ length: 13 }, (_, i) => i + 1),
  );
  const probed = report.steps.flatMap(({ n, requests }) => (requests === null ? [] : [{ n, ...requests }]));
  assert.deepEqual(
    probed.map((p) => p.n),
    [2, 3, 4, 5, 7, 8, 11, 12],
  );
  assert.deepEqual(
    probed.filter((p) => p.sent < 60),
    [],
  );
  assert.deepEqual(
    probed.filter((p) => [4, 5, 11].includes(p.n) && p.failed > 0),
    [],
  );
  // Its emulator was stopped with it.
  const stopped = await trizone(['emulator', 'stop'], env);
  assert.match(stopped.out + stopped.err, /No emulator is running/);
});
