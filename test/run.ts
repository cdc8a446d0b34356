import { spawn } from 'node:child_process';
import { globSync, mkdtempSync, rmSync } from 'node:fs';
import { constants, setPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { prepareAll, sharedVariable } from './e2e/prepared.ts';
import { runHostTests, whyNoHostTests, whyNoServerHost } from './host/tier.ts';
import { cannotRun, type Count, inWords, sum } from './support/count.ts';

// Hundreds of processes load the same sources: each is compiled, and its types are taken out, once. Also for programs that tests start.
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, '../node_modules/.cache/node');

// See there: a third less to compute in most tiers.
const unfollowed = ['--import', join(import.meta.dirname, 'support', 'unfollowed.ts')];

const runFiles = (patterns: string[], concurrency: number, more: readonly string[] = []): Promise<Count> =>
  new Promise((resolve) => {
    const count: Count = { passed: 0, failed: 0, skipped: 0 };
    const files = patterns.flatMap((p) => globSync(p)).sort();
    const stream = run({
      files,
      concurrency,
      timeout: 20 * 60_000,
      argv: [...process.argv.slice(3), ...more],
      execArgv: unfollowed,
    });
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
  'verbs',
  'operate',
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

// Of the two operators: the stories after the pinned ones. Each part has processes of its own, which bounds their memory.
const runLong = async (): Promise<Count[]> => {
  const counts: Count[] = [];
  if (!process.argv.includes('--long')) return counts;
  const [each, last] = [88, 2000];
  for (let from = 65; from <= last; from += each) {
    const stories = `--stories=${from}-${Math.min(from + each - 1, last)}`;
    counts.push(await runFiles(['test/world/twoOperators*.test.ts'], 2, [stories, '--as-it-is']));
  }
  return counts;
};

interface Tier {
  /** What runs beside it: tiers of one lane wait for each other, those of two do not. */
  readonly lane: 'programs' | 'editor';
  /** A person's view needs the processor at once, or it misses what lasts a moment; everything else can wait. */
  readonly urgent?: true;
  /** Why it cannot run on this computer, in words; undefined where it can. */
  readonly whyNot?: () => string | undefined;
  readonly run: () => Promise<Count>;
}

/** The tiers, in each lane in the order in which they run. The lanes take about equally long. */
const tiers: Readonly<Record<string, Tier>> = {
  // Each of the two uses one core.
  tools: { lane: 'programs', run: async () => sum(...(await Promise.all([runTool('check'), runTool('lint')]))) },
  unit: {
    lane: 'programs',
    run: () =>
      runFiles(
        unitRooms.map((room) => `test/${room}/**/*.test.ts`),
        2,
      ),
  },
  world: {
    lane: 'programs',
    run: async () => sum(await runFiles(['test/world/**/*.test.ts'], 2), ...(await runLong())),
  },
  host: { lane: 'editor', urgent: true, whyNot: whyNoHostTests, run: runHostTests },
  e2e: { lane: 'editor', urgent: true, whyNot: whyNoServerHost, run: runInBrowser },
  conformance: { lane: 'editor', run: () => runFiles(['test/conformance/**/*.test.ts'], 2) },
};

const runHere = async (name: string): Promise<Count> => {
  const tier = tiers[name];
  if (tier === undefined) throw new Error(`No such tier: ${name}; there are ${Object.keys(tiers).join(', ')}`);
  const reason = tier.whyNot?.();
  return reason === undefined ? tier.run() : cannotRun(name, reason);
};

/** Reads a tier's last line. A tier that ended without it has failed, as has one whose exit code the line does not explain. */
const countOf = (said: string, code: number | null): Count => {
  const line = /(\d+) passed, (\d+) failed, (\d+) skipped\s*$/.exec(said);
  const [passed = 0, failed = 0, skipped = 0] = (line ?? []).slice(1).map(Number);
  const explained = line !== null && (code === 0) === (failed === 0);
  return { passed, failed: explained ? failed : failed + 1, skipped };
};

const failures: string[] = [];

// As node:test and mocha begin the list of what failed. A long log is often cut from its front: the list is told again at the end.
const listOfFailures = (said: string): string => /^(?:✖ failing tests:| +\d+ failing)$[\s\S]*/mu.exec(said)?.[0] ?? '';

// Two lanes write at the same time: of one, what a tier says is shown as a whole, at its end.
const runApart = (name: string): Promise<Count> =>
  new Promise((resolve, reject) => {
    const began = performance.now();
    const { lane, urgent } = tiers[name] ?? {};
    const child = spawn(process.execPath, [import.meta.filename, name], { stdio: ['ignore', 'pipe', 'inherit'] });
    if (urgent === undefined && child.pid !== undefined)
      setPriority(child.pid, constants.priority.PRIORITY_BELOW_NORMAL);
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (lane === 'programs') process.stdout.write(text);
    });
    child.once('error', reject);
    child.once('close', (code) => {
      const seconds = Math.round((performance.now() - began) / 1000);
      const count = countOf(said, code);
      if (lane !== 'programs') console.log(said);
      console.log(`\n${name}: ${inWords(count)} (${seconds} s)\n`);
      if (count.failed > 0) failures.push(`${name}: ${listOfFailures(said).slice(0, 10_000)}`);
      resolve(count);
    });
  });

const runLane = async (lane: Tier['lane']): Promise<Count> => {
  const counts: Count[] = [];
  for (const [name] of Object.entries(tiers).filter(([, tier]) => tier.lane === lane))
    counts.push(await runApart(name));
  return sum(...counts);
};

const [wanted] = process.argv.slice(2);
const total =
  wanted === undefined ? sum(...(await Promise.all([runLane('programs'), runLane('editor')]))) : await runHere(wanted);
for (const failure of failures) console.log(failure);
console.log(inWords(total));
process.exitCode = total.failed === 0 && total.passed + total.skipped > 0 ? 0 : 1;
