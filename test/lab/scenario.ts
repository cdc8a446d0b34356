import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { emulatorEnvironment } from '../../src/emulator/environment.ts';
import { readEntry } from '../../src/emulator/registry.ts';
import { placeProgram } from '../support/commandLine.ts';

/** A person at the lab's cloud: the environment of `env.sh`, kubectl of the cluster's version first on the path. */
export class Person {
  readonly env: Readonly<Record<string, string>>;
  /** All that programs said beside their results: progress and reports. */
  errors = '';
  /** What has been seen to be so: programs that had to end well, and the lines `ok: …` of what they printed. */
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
  must(file: string, args: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<string> {
    console.log(`\n$ ${[...Object.entries(more).map(([k, v]) => `${k}=${v}`), file, ...args].join(' ')}`);
    return new Promise((resolve, reject) => {
      const child = spawn(file, args, { env: { ...this.env, ...more }, stdio: ['ignore', 'pipe', 'pipe'] });
      const parts: string[] = [];
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        parts.push(text);
        process.stdout.write(text);
      });
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        this.errors += text;
        process.stderr.write(text);
      });
      child.on('error', reject);
      child.on('close', (code) => {
        const said = parts.join('');
        this.passed += (said.match(/^ok: /gm)?.length ?? 0) + (code === 0 ? 1 : 0);
        if (code === 0) resolve(said);
        else reject(new Error(`${file} ${args.join(' ')} ended with ${code}`));
      });
    });
  }

  /** `trizone` as it ships. */
  trizone(args: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<string> {
    return this.must('trizone', args, more);
  }

  kubectl(args: readonly string[]): Promise<string> {
    return this.must('kubectl', args);
  }
}
