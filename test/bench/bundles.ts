import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { Row } from './run.ts';

const root = join(import.meta.dirname, '..', '..');
const rounds = 7;

/** Milliseconds for a fresh process to load a file and build its first client. */
const load = (file: string, first: string): [number, number] => {
  const script = `const a=performance.now();const m=require(${JSON.stringify(file)});const b=performance.now();${first};console.log(JSON.stringify([b-a,performance.now()-b]))`;
  return JSON.parse(execFileSync(process.execPath, ['-e', script], { encoding: 'utf8' })) as [number, number];
};

/** The median. */
export const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;

const megabytes = (file: string): string => `${(statSync(file).size / 1e6).toFixed(2)} MB`;
const auth = `auth:{getClient:async()=>({}),fetch:async()=>new Response()},fallback:true`;

/**
 * gce.js against a bundle of the client package's main file; measured
 * alternately, so that drift of the computer affects both.
 */
export const bundles = async (): Promise<Row[]> => {
  const folder = mkdtempSync(join(tmpdir(), 'trizone-bench-'));
  try {
    const naive = join(folder, 'naive.js');
    const entry = join(folder, 'naive.mjs');
    writeFileSync(entry, `export * from '@google-cloud/compute';`);
    const common = {
      bundle: true,
      platform: 'node',
      format: 'cjs',
      minify: true,
      nodePaths: [join(root, 'node_modules')] as string[],
    } as const;
    await build({ entryPoints: [entry], outfile: naive, logLevel: 'error', ...common });
    const lean = join(root, 'dist', 'gce.js');
    const pairs = Array.from({ length: rounds }, () => [
      load(lean, `new (m.clientClass('zones'))({${auth}}).initialize()`),
      load(naive, `new m.ZonesClient({${auth}}).initialize()`),
    ]);
    const of = (which: 0 | 1, part: 0 | 1): number => median(pairs.map((p) => p[which]?.[part] ?? NaN));
    const ms = (n: number): string => `${n.toFixed(0)} ms`;
    return [
      ['gce.js', megabytes(lean), 'goal ≤ 1.6 MB'],
      ['naive bundle', megabytes(naive), ''],
      ['load gce.js / naive', `${ms(of(0, 0))} / ${ms(of(1, 0))}`, `× ${(of(1, 0) / of(0, 0)).toFixed(1)}`],
      ['first client gce.js / naive', `${ms(of(0, 1))} / ${ms(of(1, 1))}`, `× ${(of(1, 1) / of(0, 1)).toFixed(1)}`],
      ...['cli', 'kube', 'emulator'].map((name): Row => [
        `${name}.js`,
        megabytes(join(root, 'dist', `${name}.js`)),
        '',
      ]),
    ];
  } finally {
    rmSync(folder, { recursive: true });
  }
};
