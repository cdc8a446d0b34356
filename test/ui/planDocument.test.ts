import { message } from '../../src/lib/message.ts';
import assert from 'node:assert/strict';
import test from 'node:test';
import { planDocument } from '../../src/ui/planDocument.ts';
import { runReport } from '../../src/ui/runReport.ts';
import { untranslated } from '../../src/ui/translate.ts';

const plan = {
  verb: 'up',
  cloud: 'emulator at http://127.0.0.1:1, project demo',
  undoable: true,
  expectedSeconds: 90,
  changes: [
    { step: 'disk:a', title: 'Create disk for a', do: 'create', risk: 'billing', detail: '20 GB', gcloud: 'gcloud x' },
    { step: 'network:n', title: 'Create network', do: 'update', detail: 'labels' },
    { step: 'boot:a', title: 'Wait until a serves the API', do: 'wait' },
  ],
  warnings: ['Two masters tolerate no failures.'],
  refusals: [],
} as const;

test('the plan as a document: by effect, with risk, detail and the gcloud line', () => {
  assert.equal(
    planDocument(
      { ...plan, changes: [...plan.changes], warnings: [...plan.warnings], refusals: [] },
      { title: 'Create cluster k', simulated: true, steps: new Map([['disk:a', message('Create disk for {0}', 'a')]]) },
      untranslated,
    ),
    [
      '# Create cluster k',
      '',
      'Target: emulator at http://127.0.0.1:1, project demo.',
      '',
      '1 to create, 1 to change, 0 to delete. 1 of them are billed while they exist. Estimated time: about 1 min 30 s (simulated). You can cancel, resume, and undo the run.',
      '',
      '> ⚠ Two masters tolerate no failures.',
      '',
      '## Create (1)',
      '',
      '- Create disk for a: 20 GB [billed]',
      '',
      '      gcloud x',
      '',
      '',
      '## Change (1)',
      '',
      '- Create network: labels',
      '',
      '## Wait for (1)',
      '',
      '- Wait until a serves the API',
      '',
    ].join('\n'),
  );
});

test('the report of a run: steps with their times, and what went wrong', () => {
  const step = { id: 'disk:a', title: message('Create disk for {0}', 'a'), expectedMs: 5_000, text: '' };
  const problem = { code: 'quota', message: 'Quota exceeded: DISKS', remedy: 'Ask for more.' };
  const text = runReport({
    run: 'r1',
    verb: 'up',
    label: 'Create {0}',
    adds: true,
    cluster: 'k',
    project: 'p',
    at: Date.UTC(2026, 10, 24),
    state: 'failed',
    pid: undefined,
    steps: [{ ...step, state: 'failed', ms: 7_000, problem }],
    ms: 7_000,
    expectedMs: 5_000,
    problem,
    readOnly: false,
  });
  assert.match(text, /^# up k \(p\): failed\n\nRun r1, started 2026-11-24T00:00:00.000Z, took 7 s of about 5 s\./);
  assert.match(text, /\| disk:a \| Create disk for a \| failed \| 7 s \| 5 s \|/);
  assert.match(text, /\*\*disk:a\*\* \(quota\): Quota exceeded: DISKS\nAsk for more\./);
});
