import assert from 'node:assert/strict';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { bareEnvironment, type Environment, readEnvFile, trizone } from '../support/commandLine.ts';
import { temporaryFolder } from '../support/engineWorld.ts';
import { copyState } from './prepared.ts';

/** An emulator on a copy of the prepared state, and the environment that points to it. */
const runningCopy = async (t: TestContext): Promise<Environment> => {
  const home = temporaryFolder(t);
  const state = join(home, 'state');
  await copyState('firstCluster', state);
  const bare = bareEnvironment(home);
  const { code, out, err } = await trizone(['emulator', '--state', state], bare);
  assert.equal(code, 0, err);
  const { pid } = JSON.parse(out) as { pid: number };
  t.after(() => process.kill(pid));
  return { ...bare, ...readEnvFile(join(state, 'env.sh')) };
};

test('a prepared emulator can be copied: the copies run side by side, each with the whole cluster', async (t) => {
  const [one, other] = [await runningCopy(t), await runningCopy(t)];
  assert.notEqual(one.TRIZONE_ENDPOINT, other.TRIZONE_ENDPOINT);
  for (const env of [one, other]) {
    const { code, out, err } = await trizone(['validate'], env);
    assert.equal(code, 0, out + err);
  }
  assert.equal((await trizone(['down', '--yes-delete', 'kubernetes'], one)).code, 0);
  assert.match((await trizone(['status'], other)).out, /kubernetes/);
});
