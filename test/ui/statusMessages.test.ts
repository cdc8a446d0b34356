import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import * as v from 'valibot';
import { viewCommands, fromWebview, toWebview } from '../../src/ui/views/statusMessages.ts';
import { statusModel } from '../../src/ui/views/statusModel.ts';
import { scenes } from './statusInputs.ts';

const good: unknown[] = [
  { type: 'ready' },
  { type: 'run', command: 'trizone.cluster.create', target: {} },
  { type: 'run', command: 'trizone.cluster.tearDown', target: { cluster: 'kubernetes' } },
  { type: 'run', command: 'trizone.run.cancel', target: { run: 'up-1' } },
];
const bad: unknown[] = [
  undefined,
  null,
  'ready',
  {},
  { type: 'stop' },
  { type: 'ready', more: 1 },
  { type: 'run', command: 'workbench.action.terminal.sendSequence', target: {} },
  { type: 'run', command: 'trizone.emulator.reset', target: {} },
  { type: 'run', command: 'trizone.cluster.tearDown' },
  { type: 'run', command: 'trizone.cluster.tearDown', target: { cluster: 1 } },
  { type: 'run', command: 'trizone.cluster.tearDown', target: { cluster: 'x'.repeat(64) } },
  { type: 'run', command: 'trizone.cluster.tearDown', target: { path: '/etc/passwd' } },
];

for (const message of good) {
  test(`is taken from the webview: ${JSON.stringify(message)}`, () => assert.ok(v.is(fromWebview, message)));
}
for (const message of bad) {
  test(`is refused from the webview: ${JSON.stringify(message)}`, () => assert.ok(!v.is(fromWebview, message)));
}

test('every model passes through the messages unchanged', () => {
  for (const [name, input] of Object.entries(scenes)) {
    const message: unknown = JSON.parse(JSON.stringify({ type: 'model', model: statusModel(input) }));
    assert.deepEqual(v.parse(toWebview, message), message, name);
  }
  assert.ok(!v.is(toWebview, { type: 'model', model: {} }));
});

test('every command of the view is one of package.json', () => {
  const manifest = v.parse(
    v.object({ contributes: v.object({ commands: v.array(v.object({ command: v.string() })) }) }),
    JSON.parse(readFileSync('package.json', 'utf8')),
  );
  const known = manifest.contributes.commands.map((c) => c.command);
  assert.deepEqual(
    viewCommands.filter((c) => !known.includes(c)),
    [],
  );
});
