import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { promisify } from 'node:util';
import { wallClock } from '../../src/lib/clock.ts';
import { poll } from '../../src/lib/deadline.ts';
import { isAlive } from '../../src/lib/processes.ts';
import { findEmulator, resetEmulator, startEmulator, stopEmulator } from '../../src/emulator/process.ts';
import { ensureSchema } from '../../src/emulator/schema/generate.cjs';

const program = join(import.meta.dirname, '..', '..', 'src', 'emulator', 'main.ts');
const run = promisify(execFile);

const folder = (t: TestContext): string => {
  ensureSchema();
  const parent = mkdtempSync(join(tmpdir(), "emulator's "));
  const path = join(parent, 'state $(touch no)');
  t.after(async () => {
    await stopEmulator(path);
    rmSync(parent, { recursive: true, force: true });
  });
  return path;
};

const idOf = async (endpoint: string, token: string): Promise<string> => {
  const answer = await fetch(`${endpoint}/emulator/info`, { headers: { authorization: `Bearer ${token}` } });
  return ((await answer.json()) as { id: string }).id;
};

const disks = (endpoint: string, token: string, init?: RequestInit): Promise<Response> =>
  fetch(`${endpoint}/compute/v1/projects/demo/zones/europe-west1-b/disks`, {
    ...init,
    headers: { authorization: `Bearer ${token}` },
  });

test('one emulator per folder: started, found again, restarted with its port, its secret and its state', async (t) => {
  const stateFolder = folder(t);
  assert.equal(await findEmulator(stateFolder), undefined);
  const [first, second] = await Promise.all([
    startEmulator({ stateFolder, program, timeScale: 0.001 }),
    startEmulator({ stateFolder, program, timeScale: 0.001 }),
  ]);
  assert.equal(first.pid, second.pid);
  assert.equal((await findEmulator(stateFolder))?.endpoint, first.endpoint);
  const token = readFileSync(join(stateFolder, 'token'), 'utf8');
  for (const file of ['token', 'env.sh', 'emulator.json'])
    assert.equal(statSync(join(stateFolder, file)).mode & 0o077, 0, file);
  assert.equal((await disks(first.endpoint, token, { method: 'POST', body: '{"name":"d"}' })).status, 200);
  assert.equal(await stopEmulator(stateFolder), true);
  assert.equal(await stopEmulator(stateFolder), false);
  assert.equal(existsSync(join(stateFolder, 'emulator.json')), false);
  const again = await startEmulator({ stateFolder, program });
  assert.equal(again.port, first.port);
  assert.equal(again.timeScale, 0.02);
  assert.equal(readFileSync(join(stateFolder, 'token'), 'utf8'), token);
  const listed = (await (await disks(again.endpoint, token)).json()) as { items: { name: string }[] };
  assert.equal(listed.items[0]?.name, 'd');
  const id = await idOf(again.endpoint, token);
  assert.equal(await resetEmulator(stateFolder), id);
  assert.notEqual(await idOf(again.endpoint, token), id, 'it is another cloud now');
  assert.deepEqual(Object.keys((await (await disks(again.endpoint, token)).json()) as object), [
    'kind',
    'id',
    'selfLink',
  ]);
});

test('a killed emulator is no emulator; the next one takes over its folder', async (t) => {
  const stateFolder = folder(t);
  const first = await startEmulator({ stateFolder, program });
  process.kill(first.pid, 'SIGKILL');
  const second = await startEmulator({ stateFolder, program });
  assert.notEqual(second.pid, first.pid);
  assert.equal(second.port, first.port);
});

test('an emulator whose folder was deleted ends by itself, brings nothing of it back, and takes no port from the next one', async (t) => {
  const stateFolder = folder(t);
  const first = await startEmulator({ stateFolder, program, port: 0 });
  assert.ok(first.port > 0);
  rmSync(stateFolder, { recursive: true });
  const ended = (): Promise<true | undefined> => Promise.resolve(!isAlive(first.pid) || undefined);
  await poll(wallClock, 50, t.signal, ended);
  assert.equal(existsSync(stateFolder), false);
  const second = await startEmulator({ stateFolder, program, port: first.port });
  assert.equal(second.port, first.port);
});

test('a copy of a running emulator’s folder has none: it is neither stopped nor reset by it, and begins one of its own with another id', async (t) => {
  const [stateFolder, copy] = [folder(t), folder(t)];
  const first = await startEmulator({ stateFolder, program });
  const token = readFileSync(join(stateFolder, 'token'), 'utf8');
  assert.equal((await disks(first.endpoint, token, { method: 'POST', body: '{"name":"d"}' })).status, 200);
  const id = await idOf(first.endpoint, token);
  cpSync(stateFolder, copy, { recursive: true });
  assert.equal(await findEmulator(copy), undefined);
  assert.equal(await stopEmulator(copy), false);
  assert.equal(await resetEmulator(copy), undefined);
  assert.equal(await idOf(first.endpoint, token), id);
  const second = await startEmulator({ stateFolder: copy, program });
  assert.deepEqual([second.state, second.pid === first.pid], [copy, false]);
  const ofCopy = await idOf(second.endpoint, token);
  assert.notEqual(ofCopy, id, 'two clouds would have one id');
  const listed = (await (await disks(second.endpoint, token)).json()) as { items: { name: string }[] };
  assert.equal(listed.items[0]?.name, 'd');
  assert.equal(await resetEmulator(copy), ofCopy);
  const afterReset = await idOf(second.endpoint, token);
  assert.equal(await stopEmulator(copy), true);
  const again = await startEmulator({ stateFolder: copy, program });
  assert.equal(await idOf(again.endpoint, token), afterReset, 'it is no copy of itself');
  assert.equal(await idOf(first.endpoint, token), id);
});

test('a folder that was moved keeps its id; one that is reached by a link is the same folder', async (t) => {
  const [stateFolder, moved, link] = [folder(t), folder(t), folder(t)];
  const first = await startEmulator({ stateFolder, program });
  const token = readFileSync(join(stateFolder, 'token'), 'utf8');
  const id = await idOf(first.endpoint, token);
  symlinkSync(stateFolder, link);
  assert.equal((await startEmulator({ stateFolder: link, program })).pid, first.pid);
  assert.equal(await stopEmulator(link), true);
  renameSync(stateFolder, moved);
  const second = await startEmulator({ stateFolder: moved, program });
  assert.equal(await idOf(second.endpoint, token), id);
});

test('env.sh quotes whatever the folder is called', async (t) => {
  const stateFolder = folder(t);
  const { endpoint } = await startEmulator({ stateFolder, program });
  const script = `set -e; . "$1"; printf '%s\\n' "$TRIZONE_ENDPOINT" "$TRIZONE_STATE" "$CLOUDSDK_API_ENDPOINT_OVERRIDES_COMPUTE"`;
  const { stdout } = await run('sh', ['-c', script, 'sh', join(stateFolder, 'env.sh')]);
  assert.equal(stdout, `${endpoint}\n${stateFolder}\n${endpoint}/compute/v1/\n`);
});

test('a bad option or another project is refused in words', async (t) => {
  const stateFolder = folder(t);
  await assert.rejects(
    startEmulator({ stateFolder, program, timeScale: 7 }),
    /--time-scale must be above 0 and at most 1: 7/,
  );
  await startEmulator({ stateFolder, program, project: 'mine' });
  await stopEmulator(stateFolder);
  await assert.rejects(startEmulator({ stateFolder, program, project: 'yours' }), /belongs to another project: mine/);
});
