import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, renameSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Printed } from '../../src/emulator/kubernetes/etcdctlWords.ts';
import { wallClock } from '../../src/lib/clock.ts';
import { defaultKubernetes, versionsFor } from '../../src/model/versions.ts';
import { freePort } from './freePort.ts';

const source = join(import.meta.dirname, '../conformance/etcd');

/** Reason why real etcd is not available here; false if it is. In CI a missing Go is a failure, not a skip. */
export const whyNoEtcd = (): string | false => {
  try {
    execFileSync('go', ['version'], { stdio: 'ignore' });
    return false;
  } catch {
    return process.env.CI === 'true' ? false : 'Go is not installed: real etcd cannot be built';
  }
};

/** Folder with `etcd` and `etcdctl` in the clusters' version, built once per computer. */
export const etcdPrograms = (): string => {
  const cache = process.env.TRIZONE_CACHE ?? join(homedir(), '.cache/trizone');
  const folder = join(cache, `etcd-${versionsFor(defaultKubernetes).etcd}-${process.platform}-${process.arch}`);
  if (existsSync(folder)) return folder;
  mkdirSync(cache, { recursive: true });
  const building = mkdtempSync(`${folder}-`);
  const env = { ...process.env, CGO_ENABLED: '0', GOFLAGS: '-buildvcs=false -mod=readonly' };
  const packages = ['go.etcd.io/etcd/server/v3', 'go.etcd.io/etcd/etcdctl/v3'];
  execFileSync('go', ['build', '-p', '2', '-trimpath', '-o', `${building}/`, ...packages], { cwd: source, env });
  renameSync(join(building, 'server'), join(building, 'etcd'));
  try {
    renameSync(building, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error; // another process was faster
  }
  return folder;
};

/** Error of a member that stops during a request, or has stopped before it. */
export const serverStopped = 'etcdserver: server stopped';

/** Answer of etcd's own JSON gateway; `error` in etcd's wording. */
export interface EtcdAnswer {
  readonly error?: string;
  readonly [field: string]: unknown;
}

/** One real etcd process on loopback, with its data in a folder that outlives it. */
export class RealMember {
  readonly name: string;
  readonly peerUrl: string;
  readonly clientUrl: string;
  private readonly program: string;
  private readonly folder: string;
  private child: ChildProcess | undefined;

  private constructor(name: string, folder: string, ports: readonly [number, number]) {
    this.name = name;
    this.folder = folder;
    this.program = join(etcdPrograms(), 'etcd');
    this.peerUrl = `http://127.0.0.1:${ports[0]}`;
    this.clientUrl = `http://127.0.0.1:${ports[1]}`;
  }

  static async make(name: string, folder: string): Promise<RealMember> {
    return new RealMember(name, join(folder, name), [await freePort(), await freePort()]);
  }

  get isRunning(): boolean {
    return this.child?.exitCode === null && this.child.signalCode === null;
  }

  /** `cluster`: `name=peerUrl,…` of all members; ignored at a restart, which reads them from its data. */
  start(cluster: string, state: 'new' | 'existing'): void {
    const flags = {
      name: this.name,
      'data-dir': this.folder,
      'listen-peer-urls': this.peerUrl,
      'initial-advertise-peer-urls': this.peerUrl,
      'listen-client-urls': this.clientUrl,
      'advertise-client-urls': this.clientUrl,
      'initial-cluster': cluster,
      'initial-cluster-state': state,
      'log-level': 'panic',
    };
    const args = Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`);
    this.child = spawn(this.program, [...args, '--unsafe-no-fsync'], { stdio: 'ignore' });
  }

  async kill(): Promise<void> {
    const { child } = this;
    if (child === undefined || !this.isRunning) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }

  /** One call of the gateway; a missing answer is an error like any other. */
  async ask(path: string, body: object = {}, patienceMs = 9_000): Promise<EtcdAnswer> {
    try {
      const response = await fetch(`${this.clientUrl}/v3/${path}`, {
        method: 'POST',
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(patienceMs),
      });
      const answer = (await response.json()) as EtcdAnswer & { message?: string };
      return response.ok ? answer : { error: answer.error ?? answer.message ?? String(response.status) };
    } catch (error) {
      // A member that removes itself may be gone before it has answered: that is not a lost majority.
      const isLate = error instanceof DOMException && error.name === 'TimeoutError';
      return { error: isLate ? 'context deadline exceeded' : serverStopped };
    }
  }
}

/** Runs real etcdctl. */
export const realEtcdctl = (line: readonly string[]): Promise<Printed> =>
  new Promise((resolve) => {
    execFile(join(etcdPrograms(), 'etcdctl'), line, (error, stdout, stderr) => {
      resolve({ stdout, stderr, code: error === null ? 0 : Number(error.code) });
    });
  });

/** Polls until the condition holds; fails after half a minute. */
export const until = async (what: string, condition: () => Promise<boolean> | boolean): Promise<void> => {
  const end = wallClock.now() + 30_000;
  while (!(await condition())) {
    if (wallClock.now() > end) throw new Error(`Never happened: ${what}`);
    await wallClock.sleep(100);
  }
};
