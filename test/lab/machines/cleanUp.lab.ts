import { deepEqual, equal, ok } from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, suite, test } from 'node:test';
import { cleanUp } from './cleanUp.ts';
import { traces } from './traces.ts';
import { diskOf, newState } from './trial.ts';

// A lab with two machines, one of them powered off, a mounted disk, and its own program in the fabric.
const lab = (state: string): string => `
import { spawn } from 'node:child_process';
import { Fabric } from ${module('fabric')};
import { fabricNamespace } from ${module('names')};
import { machineOf, told } from ${module('trial')};
const fabric = await Fabric.create();
await fabric.setBalanced([{ ip: '198.18.0.9', members: ['10.40.0.1'] }]);
const [one, two] = [1, 2].map((n) => machineOf(${JSON.stringify(state)}, n));
await one.start();
await two.start();
await told(one, 'mkfs.ext4', '-q', '/dev/disk/by-id/google-master-pd');
await told(one, 'mount', '-t', 'ext4', '/dev/disk/by-id/google-master-pd', '/mnt');
await two.powerCut();
spawn('nsenter', ['--net=/run/netns/' + fabricNamespace, 'bash', '-c', ': ${state}; read'], { stdio: ['pipe', 'ignore', 'ignore'] });
console.log('ready');
setInterval(() => undefined, 1000);
`;
const module = (name: string): string => JSON.stringify(join(import.meta.dirname, `${name}.ts`));

suite('cleaning up after the lab', { timeout: 120_000 }, () => {
  const state = newState();
  after(() => rmSync(state, { recursive: true, force: true }));

  test('after a lab that was killed nothing is left but its disks', async () => {
    await cleanUp(state);
    deepEqual(await traces(state), []);
    const words = ['--input-type=module', '--eval', lab(state)];
    const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
    const closed = once(child, 'close');
    const line = once(createInterface({ input: child.stdout }), 'line');
    const [first] = (await Promise.race([line, closed])) as unknown[];
    equal(first, 'ready');
    child.kill('SIGKILL');
    await closed;
    ok((await traces(state)).length > 20, 'there is something to clean up');
    await cleanUp(state);
    deepEqual(await traces(state), []);
    ok(existsSync(diskOf(state, 1)));
    await cleanUp(state);
  });
});
