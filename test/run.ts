import { spawn } from 'node:child_process';
import { globSync } from 'node:fs';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';

/** The tiers in the order in which they run; the cheapest first. */
const tiers: Record<string, string[]> = {
  unit: ['lib', 'model', 'engine', 'gce', 'kube', 'boot', 'steps', 'cli', 'emulator', 'ui'].map(
    (room) => `test/${room}/**/*.test.ts`,
  ),
  world: ['test/world/**/*.test.ts'],
  conformance: ['test/conformance/**/*.test.ts'],
};

interface Count {
  passed: number;
  failed: number;
  skipped: number;
}

const runFiles = (patterns: string[], concurrency: number): Promise<Count> =>
  new Promise((resolve) => {
    const count: Count = { passed: 0, failed: 0, skipped: 0 };
    const files = patterns.flatMap((p) => globSync(p)).sort();
    const stream = run({ files, concurrency, timeout: 20 * 60_000, argv: process.argv.slice(3) });
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

const main = async (): Promise<void> => {
  const [tier] = process.argv.slice(2);
  const total: Count = { passed: 0, failed: 0, skipped: 0 };
  const add = (name: string, c: Count): void => {
    console.log(`\n${name}: ${c.passed} passed, ${c.failed} failed, ${c.skipped} skipped\n`);
    total.passed += c.passed;
    total.failed += c.failed;
    total.skipped += c.skipped;
  };
  const wanted = tier === undefined ? Object.keys(tiers) : [tier];
  if (tier === undefined) for (const tool of ['check', 'lint']) add(tool, await runTool(tool));
  for (const name of wanted) {
    const patterns = tiers[name];
    if (patterns === undefined) throw new Error(`No such tier: ${name}; there are ${Object.keys(tiers).join(', ')}`);
    add(name, await runFiles(patterns, 2));
  }
  console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
  process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1;
};

await main();
