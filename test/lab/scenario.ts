import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { emulatorEnvironment } from '../../src/emulator/environment.ts';
import { readEntry } from '../../src/emulator/registry.ts';
import { placeProgram } from '../support/commandLine.ts';
import type { Ended } from './program.ts';

type Variables = Readonly<Record<string, string>>;

/** A person at the lab's cloud: the environment of `env.sh`, kubectl of the cluster's version first on the path. */
export class Person {
  readonly env: Readonly<Record<string, string>>;
  /** All that programs said beside their results: progress and reports. */
  errors = '';
  /** What has been seen to be so: programs that ended as they had to, and the lines `ok: …` of what they printed. */
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

  /** Runs a program to its end, which must be a good one; what it prints is shown as it comes. */
  async must(file: string, args: readonly string[], more: Variables = {}): Promise<string> {
    const { code, out } = await this.run(file, args, more);
    this.passed += out.match(/^ok: /gm)?.length ?? 0;
    if (code !== 0) throw new Error(`${file} ${args.join(' ')} ended with ${code}`);
    this.passed++;
    return out;
  }

  /** `trizone` that comes to no good end, or to none and gets Ctrl+C once it has said this; all that it said beside results. */
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

  /** What `trizone leftovers` must find after a tear down. */
  async leftNothing(): Promise<void> {
    assert.match(await this.trizone(['leftovers']), /^0 leftovers/);
  }

  kubectl(args: readonly string[]): Promise<string> {
    return this.must('kubectl', args);
  }
}
