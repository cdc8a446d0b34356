import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { emulatorProcess, judge, placeProgram, run } from '../support/commandLine.ts';

const script = join(import.meta.dirname, '..', 'e2e', 'article.sh');

test('the article’s commands as they are written, by real kubectl and gcloud', async (t) => {
  if (!(await judge(t, 'gcloud')) || !(await judge(t, 'kubectl'))) return;
  const { env, home } = await emulatorProcess(t, 0.01);
  const bin = join(home, 'bin');
  placeProgram(bin);
  const { code, out, err } = await run(script, [], { ...env, PATH: `${bin}:${env.PATH ?? ''}` });
  assert.equal(code, 0, `${out}\n${err}`);
  assert.match(out, /ok: the whole article\n$/);
});
