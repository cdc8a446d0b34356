import '../support/lean.ts';
import assert from 'node:assert/strict';
import test from 'node:test';
import { small } from '../world/stories.ts';
import { zoneB } from '../world/verbs.ts';
import { listen } from './listening.ts';
import { TerminalModel } from './terminalModel.ts';

const table = /^STEP +ELAPSED +USUAL +LAST WORD$/m;
const ended = /^✓ \d\d:\d\d +\d+\.\d s {2}\S/;

const grow = `pool resize --zone ${zoneB} --nodes 2 --yes`;

test('on a screen a run is a table of what runs, finished steps above it; in the end, and when it is cancelled, nothing of the table is left', async (t) => {
  const w = await small(t, 'live');
  const [first, cancel] = [new TerminalModel(80, 24), new AbortController()];
  const cancels = (text: string): void => {
    if (ended.test(text)) cancel.abort();
  };
  await assert.rejects(listen(await w.program(), grow, { on: first, cancel, heard: cancels }), { code: 'cancelled' });
  assert.doesNotMatch(first.shown.join('\n'), table);
  assert.match(first.shown.join('\n'), /Stopping at the next safe point/);

  const model = new TerminalModel(120, 24);
  const tables: string[] = [];
  const heard = (text: string): void => {
    if (ended.test(text)) tables.push(model.shown.join('\n'));
  };
  const { log } = await listen(await w.program(), grow, { on: model, heard });
  assert.ok(
    tables.some((seen) => table.test(seen)),
    'no table was seen',
  );
  assert.match(tables.at(-1) ?? '', /^Resize .*\d+\/\d+ steps {3}\d+:\d\d of about \d+:\d\d$/m);
  assert.doesNotMatch(model.shown.join('\n'), table);
  assert.ok(log.filter((line) => ended.test(line)).length >= 3, log.join('\n'));
  assert.ok(
    !log.some((line) => /all checks passed, round \d\/3|serial:/.test(line)),
    'what steps say was a line of its own',
  );
  assert.match(log.at(-1) ?? '', /^Done in [^:]*, critical path [^:]*\.$/);
  assert.equal(model.cursor.column, 0);
});
