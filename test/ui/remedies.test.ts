import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { command, toRun, toVisit, type Remedy } from '../../src/lib/remedy.ts';
import { verbByWords } from '../../src/ui/cloudAccess.ts';
import { remedyButton, type ButtonAction, type PaletteCommand } from '../../src/ui/remedies.ts';
import { untranslated } from '../../src/ui/translate.ts';

const paletteCommand = (words: string): PaletteCommand | undefined => {
  const palette = verbByWords(words)?.palette;
  return palette && { command: `trizone.${palette.command}`, button: palette.button };
};

const trizone = (...words: string[]): Remedy => toRun('', command`trizone ${words}`);

/** A remedy, its button, and what it does. */
const rows: readonly (readonly [Remedy, string, ButtonAction])[] = [
  [trizone('status'), 'Show Clusters', { command: 'trizone.clusters.focus', target: {} }],
  [trizone('resume', 'r1'), 'Resume', { command: 'trizone.run.resume', target: { run: 'r1' } }],
  [trizone('resume', '--take-over'), 'Resume', { command: 'trizone.run.resume', target: {} }],
  [trizone('runs', '--forget', 'r1'), 'Forget', { command: 'trizone.run.forget', target: { run: 'r1' } }],
  [trizone('runs'), 'Show Runs', { command: 'trizone.activity.focus', target: {} }],
  [
    trizone('down', '--cluster', 'prod'),
    'Tear Down',
    { command: 'trizone.cluster.tearDown', target: { cluster: 'prod' } },
  ],
  [
    trizone('master', 'repair', 'm-x7k', '--zone', 'Z'),
    'Repair',
    { command: 'trizone.master.repair', target: { name: 'm-x7k' } },
  ],
  [trizone('master', 'remove', 'NAME'), 'Remove', { command: 'trizone.master.remove', target: {} }],
  [
    trizone('replicate', '--zone', 'europe-west1-c', '--cluster', 'prod'),
    'Replicate',
    { command: 'trizone.master.replicate', target: { cluster: 'prod', zone: 'europe-west1-c' } },
  ],
  [trizone('protect', 'off'), 'Unprotect', { command: 'trizone.cluster.unprotect', target: {} }],
  [
    toRun('', command`gcloud auth application-default login`),
    'Sign In to Google Cloud',
    { command: 'trizone.google.signIn', target: {} },
  ],
  [toRun('', command`gcloud projects list`), 'Copy Command', { copies: 'gcloud projects list' }],
  [trizone('emulator'), 'Start the Emulator', { command: 'trizone.emulator.start', target: {} }],
  [trizone('emulator', 'reset'), 'Reset', { command: 'trizone.emulator.reset', target: {} }],
  [trizone('help'), 'Copy Command', { copies: 'trizone help' }],
  [toVisit('Ask', 'https://example.org'), 'Open Page', { url: 'https://example.org' }],
];

for (const [remedy, label, action] of rows)
  test(`a button for: ${JSON.stringify(remedy)}`, () => {
    assert.deepEqual(remedyButton(remedy, untranslated, paletteCommand), { label, action });
  });

test('words alone have no button', () => {
  assert.equal(remedyButton({ text: 'Wait.' }, untranslated, paletteCommand), undefined);
});

test('every command that a button calls is there', () => {
  const { contributes } = JSON.parse(readFileSync('package.json', 'utf8')) as {
    contributes: { commands: { command: string }[]; views: Record<string, { id: string }[]> };
  };
  const views = Object.values(contributes.views).flat();
  const known = [...contributes.commands.map((c) => c.command), ...views.map(({ id }) => `${id}.focus`)];
  for (const [, , action] of rows) if ('command' in action) assert.ok(known.includes(action.command), action.command);
});
