import { message } from '../../src/lib/message.ts';
import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { Progress } from '../../src/cli/progress.ts';
import type { Terminal } from '../../src/cli/terminal.ts';
import type { RunEvent } from '../../src/engine/events.ts';
import type { StepId } from '../../src/engine/step.ts';
import { OperatorError } from '../../src/lib/operatorError.ts';
import { VirtualClock } from '../../src/lib/virtualClock.ts';
import type { CloudPlan } from '../../src/operate/operator.ts';
import { TerminalModel } from './terminalModel.ts';

const ids: readonly StepId[] = ['network:n', 'boot:m'];
const titles = ['Create network', 'Wait until m serves the API'];
const rows = ids.map((id, i) => ({ step: { id, title: message(titles[i] ?? ''), expectedMs: 30_000 * (i + 1) } }));
const plan = { steps: rows, changes: rows, refusals: [], expectedMs: 90_000 } as unknown as CloudPlan;

// Each kind of event, without the time.
type Told = RunEvent extends infer E ? (E extends RunEvent ? Omit<E, 'at'> : never) : never;

/** A run of two steps, told event by event. */
const told = (test: TestContext, more: { readonly on?: TerminalModel; readonly verbose?: boolean } = {}) => {
  const clock = new VirtualClock();
  const log: string[] = [];
  const screen = more.on?.screen();
  const say = (text: string): void => {
    const plain = stripVTControlCharacters(text);
    log.push(plain);
    screen?.around(() => more.on?.write(`${plain}\n`));
  };
  const cancel = new AbortController();
  const t: Terminal = {
    ...{ json: false, live: true, screen, env: {}, cancel: cancel.signal, write: say, log: say, out: say },
    ...{ document: say, lost: () => undefined, atQuit: () => undefined, confirm: () => Promise.resolve(false) },
  } as Terminal;
  const progress = new Progress(
    t,
    { title: 'Create cluster', plan, verbose: more.verbose ?? false },
    { clock, wall: clock },
  );
  test.after(() => progress.end());
  const tell = (e: Told): void => progress.listen({ ...e, at: clock.monotonic() });
  return { clock, log, progress, cancel, tell };
};

const begin = async ({ tell, clock }: ReturnType<typeof told>): Promise<void> => {
  tell({ type: 'planned', run: 'r', steps: ids });
  tell({ type: 'started', step: 'network:n', title: 'Create network', do: 'create' });
  tell({ type: 'started', step: 'boot:m', title: 'Wait until m serves the API', do: 'wait' });
  tell({ type: 'progress', step: 'boot:m', text: 'serial: [ 1.0] TRIZONE step=kernel' });
  tell({ type: 'progress', step: 'boot:m', text: 'boot step 2/15: kernel' });
  await clock.sleep(12_050);
};

test('on a screen: what ended above, what runs below with its last word, and nothing of it in the end', async (t) => {
  const model = new TerminalModel(80, 24);
  const run = told(t, { on: model });
  await begin(run);
  assert.deepEqual(model.shown, [
    '',
    'Create cluster   0/2 steps   0:12 of about 1:30',
    'STEP                         ELAPSED  USUAL  LAST WORD',
    'Create network                  0:12   0:30',
    'Wait until m serves the API     0:12   1:00  boot step 2/15: kernel',
  ]);
  run.tell({ type: 'done', step: 'network:n', ms: 12_000 });
  await run.clock.sleep(1050);
  assert.deepEqual(model.shown, [
    '✓ 00:12   12.0 s  Create network',
    '',
    'Create cluster   1/2 steps   0:13 of about 1:30',
    'STEP                         ELAPSED  USUAL  LAST WORD',
    'Wait until m serves the API     0:13   1:00  boot step 2/15: kernel',
  ]);
  run.tell({ type: 'failed', step: 'boot:m', error: new OperatorError('boot-failed', 'It gave up') });
  run.tell({ type: 'ended', state: 'failed' });
  assert.deepEqual(model.shown, [
    '✓ 00:12   12.0 s  Create network',
    '✗ 00:13           Wait until m serves the API: It gave up',
  ]);
  await run.clock.sleep(1050);
  assert.equal(model.shown.length, 2, 'it was drawn again after its end');
});

test('with --verbose what steps and machines say is a line, too', async (t) => {
  const model = new TerminalModel(80, 24);
  await begin(told(t, { on: model, verbose: true }));
  assert.deepEqual(model.shown.slice(0, 2), [
    '  00:00 boot:m serial: [ 1.0] TRIZONE step=kernel',
    '  00:00 boot:m boot step 2/15: kernel',
  ]);
});

test('where lines cannot be redrawn, everything is a line, as the run’s log has it', async (t) => {
  const run = told(t);
  await begin(run);
  run.tell({ type: 'done', step: 'network:n', ms: 12_000 });
  run.tell({ type: 'skipped', step: 'boot:m' });
  assert.deepEqual(run.log, [
    '        00:00 boot:m serial: [ 1.0] TRIZONE step=kernel',
    '        00:00 boot:m boot step 2/15: kernel',
    '[1/2] 00:12 network:n Create network … done in 12.0 s',
    '[2/2] 00:12 boot:m Wait until m serves the API … already done',
  ]);
});

test('a run that nobody told the end of leaves a clean terminal, too', async (t) => {
  const model = new TerminalModel(80, 24);
  const run = told(t, { on: model });
  await begin(run);
  run.cancel.abort();
  run.progress.end();
  await run.clock.sleep(1050);
  assert.deepEqual(model.shown, [
    'Stopping at the next safe point. Press Ctrl-C again within 2 s to quit immediate',
    'ly (you can resume the run).',
  ]);
});
