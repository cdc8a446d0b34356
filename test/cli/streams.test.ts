import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { fileJournals } from '../../src/engine/journal.ts';
import { openOperations } from '../../src/engine/journalRecords.ts';
import { wallClock } from '../../src/lib/clock.ts';
import { poll } from '../../src/lib/deadline.ts';
import { bareEnvironment, emulatorProcess, program, run, trizone, type Environment } from '../support/commandLine.ts';
import { temporaryFolder } from '../support/engineWorld.ts';

const up = ['up', '--zone', 'europe-west1-b', '--yes'];

const states = async (env: Environment): Promise<string[]> => {
  const { out } = await trizone(['runs', '--json'], env);
  return (JSON.parse(out) as { runs: { state: string }[] }).runs.map((r) => r.state);
};

/** A run under way: what it has said, and when it has said something. */
const started = (env: Environment) => {
  const child = spawn(process.execPath, [program, ...up], { env, stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = once(child, 'exit') as Promise<[number | null, string | null]>;
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const says = async (what: RegExp): Promise<void> => {
    while (!what.test(said)) {
      const [more] = await Promise.race([once(child.stderr, 'data'), ended.then(() => [undefined])]);
      if (more === undefined && !what.test(said)) throw new Error(`It ended without saying ${what.source}: ${said}`);
    }
  };
  return { child, ended, says, said: () => said };
};

test('a reader that has gone ends nothing: the run goes on to its end, and its exit code is that of the run', async (t) => {
  const { env, home } = await emulatorProcess(t, 0.005);
  const code = join(home, 'code');
  const script = '("$1" "$2" up --zone europe-west1-b --yes; echo $? > "$3") 2>&1 | head -3';
  const piped = await run('sh', ['-c', script, 'sh', process.execPath, program, code], env);
  assert.equal(piped.out.trimEnd().split('\n').length, 3);
  assert.equal(readFileSync(code, 'utf8').trim(), '0');
  assert.deepEqual(await states(env), ['done']);
});

for (const signal of ['SIGHUP', 'SIGTERM'] as const) {
  test(`${signal} in mid-run, with nobody to read any more, stops at a safe point, and resume finishes`, async (t) => {
    const { env } = await emulatorProcess(t, 0.02);
    const { child, ended, says } = started(env);
    await says(/\[1\//);
    child.stderr.destroy();
    child.kill(signal);
    child.kill(signal);
    assert.deepEqual(await ended, [130, null]);
    assert.deepEqual(await states(env), ['cancelled']);
    const resumed = await trizone(['resume', '--yes'], env);
    assert.equal(resumed.code, 0, resumed.err);
    assert.deepEqual(await states(env), ['done']);
  });
}

test('Ctrl-C twice quits at once, and says what goes on in the cloud and how to resume', async (t) => {
  const { env } = await emulatorProcess(t, 1); // as slow as Google: something is under way for sure
  const { child, ended, says, said } = started(env);
  const journals = fileJournals(env.TRIZONE_STATE ?? '');
  const asked = (): Promise<true | undefined> =>
    Promise.resolve(openOperations(journals.list()[0]?.records ?? []).length > 0 || undefined);
  await poll(wallClock, 20, t.signal, asked);
  child.kill('SIGINT');
  await says(/Stopping at the next safe point/);
  child.kill('SIGINT');
  assert.deepEqual(await ended, [130, null]);
  assert.match(said(), /Quit\.\nStill running in the cloud: (global|regions|zones)\S+operation-\S+ \([A-Z].*\)\n/);
  const [, name = ''] = /To resume: trizone resume (\S+)/.exec(said()) ?? [];
  assert.equal(journals.read(name).state, undefined);
  assert.deepEqual(await states(env), ['interrupted']);
});

test('a result of which a file takes a part only is an error', async (t) => {
  const home = temporaryFolder(t);
  const script = 'ulimit -f 1; exec "$1" "$2" help > "$3"'; // blocks of 512 or 1024 bytes: the text is longer
  const args = ['-c', script, 'sh', process.execPath, program, join(home, 'part')];
  const { code, err } = await run('sh', args, bareEnvironment(home));
  assert.match(err, /^Error \(disk\): Cannot write the result/);
  assert.equal(code, 1);
});

test('a result whose reader has gone before the first word is none', async (t) => {
  const script = 'read -r go; "$1" "$2" help';
  const child = spawn('sh', ['-c', script, 'sh', process.execPath, program], {
    env: bareEnvironment(temporaryFolder(t)),
  });
  const ended = once(child, 'exit');
  const said = child.stderr.toArray();
  child.stdout.destroy();
  await once(child.stdout, 'close');
  child.stdin.end('\n');
  assert.deepEqual(await ended, [0, null]);
  assert.equal((await said).join(''), '');
});

test(
  'a result that a full disk does not take is an error',
  { skip: process.platform !== 'linux' && 'needs /dev/full' },
  async (t) => {
    const { env } = await emulatorProcess(t, 0.005);
    const full = spawn(process.execPath, [program, 'runs', '--json'], {
      env,
      stdio: ['ignore', openSync('/dev/full', 'w'), 'pipe'],
    });
    const ended = once(full, 'exit') as Promise<[number | null]>;
    const said: unknown[] = (await full.stderr?.toArray()) ?? [];
    const [code] = await ended;
    assert.match(said.join(''), /^Error \(disk\): Cannot write the result: no space left/m);
    assert.equal(code, 1);
  },
);

test(
  'the first word on a full device is not lost in silence',
  { skip: process.platform !== 'linux' && 'needs /dev/full' },
  async (t) => {
    const { env } = await emulatorProcess(t, 0.005);
    const made = await trizone(up, env);
    assert.equal(made.code, 0, made.err);
    for (const verb of ['--version', 'kubeconfig', 'runs']) {
      const ended = await run('sh', ['-c', '"$@" > /dev/full', 'sh', process.execPath, program, verb], env);
      assert.equal(ended.code, 1, verb);
      assert.match(ended.err, /^Error \(disk\): Cannot write the result: no space left/m);
    }
  },
);
