import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import test from 'node:test';
import { randomBelow, seededIds } from '../../src/lib/ids.ts';
import { emulatorProcess, program, trizone, type Environment } from '../support/commandLine.ts';

/** `npm run world -- --long` kills more often. */
const kills = process.argv.includes('--long') ? 60 : 12;
const firstSeed = Number(process.env.TRIZONE_SEED ?? 1);

/** Lines of progress that a run prints; a number drawn beyond them kills nothing, which is an instant too. */
const lines = { up: 40, down: 32 } as const;

/** Starts the program and kills it (SIGKILL) as soon as it has said its n-th line. True when it was still running. */
const killAfter = async (n: number, args: readonly string[], env: Environment): Promise<boolean> => {
  const child = spawn(process.execPath, [program, ...args], { env, stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = once(child, 'exit');
  let said = 0;
  for await (const line of createInterface({ input: child.stderr })) {
    if (line !== '' && ++said > n) child.kill('SIGKILL');
  }
  const [, signal] = (await ended) as [number | null, NodeJS.Signals | null];
  return signal === 'SIGKILL';
};

const zone = ['--zone', 'europe-west1-b'];
const up = ['up', ...zone, '--yes'];
const down = ['down', '--yes-delete', 'kubernetes'];

test(`killed as real processes at ${kills} instants, resume converges at once and down leaves nothing`, async (t) => {
  const { env, state } = await emulatorProcess(t, 0.01);
  const must = async (args: readonly string[]): Promise<string> => {
    const { code, out, err } = await trizone(args, env);
    assert.equal(code, 0, `${args.join(' ')}: ${out}${err}`);
    return out;
  };
  const changes = async (): Promise<unknown[]> =>
    (JSON.parse(await must(['up', ...zone, '--plan', '--json'])) as { changes: unknown[] }).changes;
  for (let seed = firstSeed; seed < firstSeed + kills; seed++) {
    const ids = seededIds(`killed-${seed}`);
    const verb = seed % 2 === 0 ? 'down' : 'up';
    const at = randomBelow(ids, lines[verb]);
    const forget = randomBelow(ids, 3) === 0;
    await t.test(`seed ${seed}: ${verb} after line ${at}${forget ? ', journals deleted' : ''}`, async () => {
      if (verb === 'down') await must(up);
      const killed = await killAfter(at, verb === 'up' ? up : down, env);
      if (forget) rmSync(join(state, 'runs'), { recursive: true, force: true });
      const resumed =
        forget || !killed ? undefined : await trizone(['resume', '--yes', '--yes-delete', 'kubernetes'], env);
      // Killed before its first record there is nothing to resume: the verb is asked for again.
      if (resumed === undefined || resumed.err.includes('No run to resume')) await must(verb === 'up' ? up : down);
      else assert.equal(resumed.code, 0, resumed.err);
      if (verb === 'up') assert.deepEqual(await changes(), []);
      await must(down);
      assert.match(await must(['status']), /^No cluster in/);
      assert.match(await must(['leftovers']), /^0 leftovers/);
    });
  }
});
