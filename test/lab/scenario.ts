import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { emulatorEnvironment } from '../../src/emulator/environment.ts';
import { readEntry } from '../../src/emulator/registry.ts';
import { placeProgram } from '../support/commandLine.ts';
import type { Ended } from './program.ts';

type Variables = Readonly<Record<string, string>>;

/** A user of the lab's cloud: the environment of `env.sh`, with kubectl of the cluster's version first in PATH. */
export class Person {
  readonly env: Readonly<Record<string, string>>;
  /** Standard error of all programs: progress and reports. */
  errors = '';
  /** Number of passed checks: programs that ended as expected, and the lines `ok: …` of their output. */
  passed = 0;

  constructor(state: string, bin: string) {
    const entry = readEntry(state);
    if (entry === undefined) throw new Error(`No emulator on ${state}`);
    const own = join(state, 'bin');
    placeProgram(own);
    this.env = {
      HOME: state,
      PATH: `${own}:${bin}:${process.env.PATH ?? ''}`,
      ...emulatorEnvironment(entry),
      KUBECONFIG: join(state, 'kubeconfig'),
    };
  }

  /** Runs a program to its end, which must succeed; its output is shown as it comes. */
  async must(file: string, args: readonly string[], more: Variables = {}): Promise<string> {
    const { code, out } = await this.run(file, args, more);
    this.passed += out.match(/^ok: /gm)?.length ?? 0;
    if (code !== 0) throw new Error(`${file} ${args.join(' ')} ended with ${code}`);
    this.passed++;
    return out;
  }

  /** Runs `trizone` to a failure, or until it prints `at` and gets Ctrl+C; returns its standard error. */
  async stopped(args: readonly string[], more: Variables, at?: RegExp): Promise<string> {
    const { code, err } = await this.run('trizone', args, more, at);
    if (code !== (at === undefined ? 1 : 130)) throw new Error(`trizone ${args.join(' ')} ended with ${code}`);
    this.passed++;
    return err;
  }

  private run(file: string, args: readonly string[], more: Variables, at?: RegExp): Promise<Ended> {
    console.log(`\n$ ${[...Object.entries(more).map(([k, v]) => `${k}=${v}`), file, ...args].join(' ')}`);
    return new Promise((resolve, reject) => {
      const child = spawn(file, args, { env: { ...this.env, ...more }, stdio: ['ignore', 'pipe', 'pipe'] });
      let [out, err] = ['', ''];
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        out += text;
        process.stdout.write(text);
      });
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        const before = at?.test(err);
        err += text;
        process.stderr.write(text);
        if (before === false && at?.test(err) === true) child.kill('SIGINT');
      });
      child.on('error', reject);
      child.on('close', (code) => {
        this.errors += err;
        resolve({ code: code ?? 128, out, err });
      });
    });
  }

  /** `trizone` as it ships. */
  trizone(args: readonly string[], more: Variables = {}): Promise<string> {
    return this.must('trizone', args, more);
  }

  /** Expects `trizone leftovers` to find nothing after a teardown. */
  async leftNothing(): Promise<void> {
    assert.match(await this.trizone(['leftovers']), /^0 leftovers/);
  }

  kubectl(args: readonly string[]): Promise<string> {
    return this.must('kubectl', args);
  }
}
