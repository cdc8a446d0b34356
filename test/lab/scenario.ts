import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { emulatorEnvironment } from '../../src/emulator/environment.ts';
import { readEntry } from '../../src/emulator/registry.ts';
import { program } from '../support/commandLine.ts';
import { mkdirSync, writeFileSync } from 'node:fs';

/** How a program of a scenario ended. */
export interface Said {
  readonly code: number;
  readonly out: string;
}

/** A person at the lab's cloud: the environment of `env.sh`, kubectl of the cluster's version first on the path. */
export class Person {
  readonly env: Readonly<Record<string, string>>;
  /** All that programs said beside their results: progress and reports. */
  errors = '';

  constructor(state: string, bin: string) {
    const entry = readEntry(state);
    if (entry === undefined) throw new Error(`No emulator on ${state}`);
    const own = join(state, 'bin');
    mkdirSync(own, { recursive: true });
    writeFileSync(join(own, 'trizone'), `#!/bin/sh\nexec "${process.execPath}" "${program}" "$@"\n`, { mode: 0o755 });
    this.env = {
      HOME: state,
      PATH: `${own}:${bin}:${process.env.PATH ?? ''}`,
      ...emulatorEnvironment(entry),
      KUBECONFIG: join(state, 'kubeconfig'),
    };
  }

  /** Runs a program to its end; what it prints is shown as it comes. */
  run(file: string, args: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<Said> {
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
      child.on('close', (code) => resolve({ code: code ?? -1, out: parts.join('') }));
    });
  }

  /** The same, and it must end well. */
  async must(file: string, args: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<string> {
    const { code, out } = await this.run(file, args, more);
    if (code !== 0) throw new Error(`${file} ${args.join(' ')} ended with ${code}`);
    return out;
  }

  /** `trizone` as it ships. */
  trizone(args: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<string> {
    return this.must('trizone', args, more);
  }

  kubectl(args: readonly string[]): Promise<string> {
    return this.must('kubectl', args);
  }
}
