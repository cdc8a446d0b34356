import { spawn } from 'node:child_process';
import { globSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { prepareAll, sharedVariable } from './e2e/prepared.ts';
import { type Count, runHostTests, whyNoHostTests, whyNoServerHost } from './host/tier.ts';

// See there: a third less to compute in most tiers.
const unfollowed = ['--import', join(import.meta.dirname, 'support', 'unfollowed.ts')];

const runFiles = (patterns: string[], concurrency: number): Promise<Count> =>
  new Promise((resolve) => {
    const count: Count = { passed: 0, failed: 0, skipped: 0 };
    const files = patterns.flatMap((p) => globSync(p)).sort();
    const stream = run({ files, concurrency, timeout: 20 * 60_000, argv: process.argv.slice(3), execArgv: unfollowed });
    stream.on('test:pass', (e) => {
      if (e.details.type === 'suite' || (e.nesting === 0 && files.includes(e.name))) return;
      if (e.skip !== undefined) count.skipped++;
      else count.passed++;
    });
    stream.on('test:fail', (e) => {
      if (e.details.type !== 'suite') count.failed++;
    });
    (stream.compose(new spec()) as NodeJS.ReadableStream).pipe(process.stdout, { end: false });
    stream.on('end', () => resolve(count));
  });

/** A tool that passes or fails as a whole counts as one. */
const runTool = (script: string): Promise<Count> =>
  new Promise((resolve) => {
    const child = spawn('npm', ['run', '--silent', script], { stdio: 'inherit' });
    child.on('close', (code) => resolve({ passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0 }));
  });

const unitRooms = [
  'lib',
  'model',
  'engine',
  'gce',
  'kube',
  'boot',
  'steps',
  'workflows',
  'cli',
  'emulator',
  'ui',
  'lab',
];

// A whole VS Code and a browser per test: two at once are little faster, and make each other miss what lasts a moment.
const runInBrowser = async (): Promise<Count> => {
  const shared = mkdtempSync(join(tmpdir(), 'trizone-e2e-'));
  process.env[sharedVariable] = shared;
  try {
    await prepareAll();
    return await runFiles(['test/e2e/**/*.test.ts'], 1);
  } finally {
    rmSync(shared, { recursive: true, force: true });
  }
};

interface Tier {
  /** Why it cannot run on this computer, in words; undefined where it can. */
  readonly whyNot?: () => string | undefined;
  readonly run: () => Promise<Count>;
}

const both = (a: Count, b: Count): Count => ({
  passed: a.passed + b.passed,
  failed: a.failed + b.failed,
  skipped: a.skipped + b.skipped,
});

/** The tiers in the order in which they run; the cheapest first. */
const tiers: Readonly<Record<string, Tier>> = {
  // Each of the two uses one core.
  tools: { run: async () => both(...(await Promise.all([runTool('check'), runTool('lint')]))) },
  unit: {
    run: () =>
      runFiles(
        unitRooms.map((room) => `test/${room}/**/*.test.ts`),
        3,
      ),
  },
  world: { run: () => runFiles(['test/world/**/*.test.ts'], 3) },
  conformance: { run: () => runFiles(['test/conformance/**/*.test.ts'], 3) },
  host: { whyNot: whyNoHostTests, run: runHostTests },
  e2e: { whyNot: whyNoServerHost, run: runInBrowser },
};

// A tier that cannot run is named; only where nothing may be missing is it a failure.
const runTier = async (name: string, { whyNot, run }: Tier): Promise<Count> => {
  const reason = whyNot?.();
  if (reason === undefined) return run();
  const failed = process.env.CI === 'true';
  console.log(`${name} ${failed ? 'cannot run' : 'is skipped'}: ${reason}`);
  return { passed: 0, failed: failed ? 1 : 0, skipped: failed ? 0 : 1 };
};

const main = async (): Promise<void> => {
  const [wanted] = process.argv.slice(2);
  let total: Count = { passed: 0, failed: 0, skipped: 0 };
  const names = wanted === undefined ? Object.keys(tiers) : [wanted];
  for (const name of names) {
    const tier = tiers[name];
    if (tier === undefined) throw new Error(`No such tier: ${name}; there are ${Object.keys(tiers).join(', ')}`);
    const c = await runTier(name, tier);
    console.log(`\n${name}: ${c.passed} passed, ${c.failed} failed, ${c.skipped} skipped\n`);
    total = both(total, c);
  }
  console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
  process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1;
};

await main();
