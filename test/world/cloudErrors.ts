import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { planAndApply } from '../../src/cli/apply.ts';
import { printError } from '../../src/cli/failure.ts';
import type { Terminal } from '../../src/cli/terminal.ts';
import { cliCommands } from '../../src/cli/commands.ts';
import { parseCommandLine } from '../../src/cli/parse.ts';
import type { EmulatorOptions } from '../../src/emulator/emulator.ts';
import type { Fault, FaultRule } from '../../src/emulator/faults.ts';
import { articleWish, cloudWorld, type CloudWorld, type Program } from '../support/cloudWorld.ts';
import { assertConverged } from './crash.ts';
import { assertDone } from './verbs.ts';
import { down } from '../../src/verbs/down.ts';
import { up } from '../../src/verbs/up.ts';

/** One error of the cloud, and what a person sees of it. */
export interface CloudError {
  readonly error: string;
  readonly verb?: 'up' | 'down';
  readonly faults?: readonly FaultRule[];
  /** Durations and quotas of the cloud. */
  readonly cloud?: Pick<EmulatorOptions, 'latency' | 'quotas'>;
  /** Somebody else's hand, before the verb is planned. */
  readonly before?: (w: CloudWorld) => Promise<unknown>;
  /** The same between plan and run: while the person reads the plan. */
  readonly confirming?: (w: CloudWorld) => Promise<unknown>;
  /** The same once the run has logged this. */
  readonly during?: { readonly log: RegExp; readonly by: (w: CloudWorld) => unknown };
  /** Exit code and the very lines; absent where nobody has to notice. */
  readonly ends?: { readonly exit: number; readonly says: readonly (string | RegExp)[] };
  /** Lines that the run must have logged on its way. */
  readonly logs?: readonly RegExp[];
  /** Cluster seconds that it takes at least. */
  readonly atLeast?: number;
  /** What a person does about it. */
  readonly mend?: (w: CloudWorld) => Promise<unknown>;
}

interface Heard {
  readonly exit: number;
  readonly says: readonly string[];
  readonly log: readonly string[];
  readonly seconds: number;
}

/** Runs the row: the verb meets the error; the error ends; the verb is gone on with; nothing is doubled and nothing stays. */
export const meet = async (t: TestContext, row: CloudError): Promise<void> => {
  const w = await cloudWorld(t, row.error, row.cloud);
  const before = w.resources();
  if (row.verb === 'down') assert.equal((await w.up()).error, undefined);
  await row.before?.(w);
  w.emulator.faults.set(row.faults ?? []);
  const heard = await hear(w, row);
  const { exit, says } = row.ends ?? { exit: 0, says: [] };
  assert.equal(heard.exit, exit, heard.says.join('\n'));
  assert.equal(heard.says.length, says.length);
  heard.says.forEach((line, i) => {
    const wanted = says[i] ?? '';
    if (typeof wanted === 'string') assert.equal(line, wanted);
    else assert.match(line, wanted);
  });
  for (const line of row.logs ?? [])
    assert.ok(
      heard.log.some((l) => line.test(l)),
      `${line} in ${heard.log.join('\n')}`,
    );
  assert.ok(heard.seconds >= (row.atLeast ?? 0), `took only ${heard.seconds} s`);
  w.emulator.faults.set([]);
  await row.mend?.(w);
  await goOn(w, row);
  assert.deepEqual(w.resources(), before, 'something is left after down');
};

const goOn = async (w: CloudWorld, row: CloudError): Promise<void> => {
  if (row.ends !== undefined) {
    assertDone((await w.resume()) ?? (row.verb === 'down' ? await w.down() : await w.up()));
  }
  if (row.verb === 'down') assert.equal(await w.down(), undefined, 'a root record is left');
  else {
    await assertConverged(w);
    assert.equal((await w.down())?.error, undefined);
  }
};

/** The verb as the command line carries it out, and what it prints. */
const hear = async (w: CloudWorld, row: CloudError): Promise<Heard> => {
  const says: string[] = [];
  const log: string[] = [];
  const hands: Promise<unknown>[] = [];
  const t: Terminal = {
    ...{ json: false, live: false, env: {}, cancel: new AbortController().signal, write: () => undefined },
    log: (text) => {
      log.push(text);
      if (row.during?.log.test(text) && hands.length === 0) hands.push(Promise.resolve(row.during.by(w)));
    },
    document: () => undefined,
    out: () => undefined,
    lost: () => undefined,
    atQuit: () => undefined,
    confirm: async () => {
      await row.confirming?.(w);
      return true;
    },
  };
  const start = w.clock.now();
  const exit = await carryOutVerb(await w.program(), t, row.verb ?? 'up').then(
    () => 0,
    (error: unknown) => printError({ ...t, log: (text) => says.push(steady(text)) }, error),
  );
  await Promise.all(hands);
  return { exit, says, log, seconds: (w.clock.now() - start) / 1000 };
};

const carryOutVerb = async (p: Program, t: Terminal, verb: 'up' | 'down'): Promise<unknown> => {
  const { session } = p;
  const options = { ids: session.ids, takeOver: false };
  const prepared =
    verb === 'up'
      ? await up.prepare(session.world, articleWish, options)
      : await down.prepare(session.world, { cluster: 'kubernetes' }, options);
  assert.ok(prepared);
  return planAndApply(session, t, parseCommandLine([verb], cliCommands), prepared, {
    title: verb,
    answer: 'yes',
    agreed: false,
  });
};

// Numbers of operations and ports differ from run to run; colours are the terminal's.
const steady = (text: string): string =>
  stripVTControlCharacters(text)
    .replace(/operation-\d{8}[0-9a-f-]+/g, 'operation-…')
    .replace(/127\.0\.0\.1:\d+/g, '127.0.0.1:…');

/** Makes or deletes something as a person would with gcloud, and waits until it is done. */
export const byHand = async (w: CloudWorld, method: string, path: string, body?: object): Promise<void> => {
  const at = '/compute/v1/projects/demo-project/';
  for (let o = await w.request(method, `${at}${path}`, body); o.status !== 'DONE';) {
    assert.ok(typeof o.selfLink === 'string', JSON.stringify(o));
    o = await w.request('POST', `${new URL(o.selfLink).pathname}/wait`);
    assert.equal(o.error, undefined);
  }
};

/** One rule of a fault script. */
export const refuses = (match: FaultRule['match'], fault: Fault, often: Partial<FaultRule> = {}): FaultRule[] => [
  { match, fault, ...often },
];

/** A refused request, in Google's form. */
export const status = (code: number, reason: string, message: string, retryAfter?: number): Fault => ({
  ...{ type: 'status', status: code, reason, message },
  ...(retryAfter === undefined ? {} : { retryAfter }),
});

/** Not once, but every time. */
export const always = { nth: 'every' } as const;

/** The insert of the master's disk: in the middle of a create. */
export const disk: FaultRule['match'] = { kind: 'disks', verb: 'insert' };
