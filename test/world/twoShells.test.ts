import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import test, { type TestContext } from 'node:test';
import { emulatorProcess, program, trizone, type Environment } from '../support/commandLine.ts';
import { zoneB, zoneC, zoneD } from './verbs.ts';

/** A person's shell: the program in a pseudo terminal, what it shows, and a keyboard. */
class Shell {
  private shown = '';
  private read = 0;
  private readonly child: ChildProcess;
  private readonly heard = new Set<() => void>();
  readonly ended: Promise<number>;

  constructor(t: TestContext, args: readonly string[], env: Environment) {
    const line = [process.execPath, program, ...args].map((word) => `'${word}'`).join(' ');
    this.child = spawn('script', ['--quiet', '--flush', '--return', '--command', line, '/dev/null'], { env });
    t.after(() => this.child.kill());
    const hear = (part: Buffer): void => {
      this.shown += part.toString();
      for (const tell of this.heard) tell();
    };
    this.child.stdout?.on('data', hear);
    this.child.stderr?.on('data', hear);
    this.ended = new Promise((resolve) => this.child.on('close', (code) => resolve(code ?? -1)));
  }

  get screen(): string {
    return this.shown;
  }

  type(text: string): void {
    this.child.stdin?.write(`${text}\n`);
  }

  /** Waits until the screen shows it; a shell that ended or asks something else has failed. */
  async shows(what: RegExp): Promise<void> {
    const seen = new Promise<void>((resolve, reject) => {
      const look = (): void => {
        const unread = this.shown.slice(this.read);
        if (what.test(unread)) resolve();
        else if (/\bType \S+ to [a-z ]+:/i.test(unread)) reject(new Error(`asks something else: ${unread}`));
        else return;
        this.read = this.shown.length;
        this.heard.delete(look);
      };
      this.heard.add(look);
      look();
    });
    const over = this.ended.then(() => assert.match(this.shown, what));
    await Promise.race([seen, over]);
  }
}

interface Status {
  readonly clusters: readonly {
    readonly masters: readonly { name: string; zone: string; backend: string; etcd: string }[];
  }[];
}

const mastersOf = async (env: Environment) => {
  const { out, err } = await trizone(['status', '--json'], env);
  return (JSON.parse(out) as Status).clusters[0]?.masters ?? assert.fail(err);
};

// util-linux's `script` makes the terminal.
const skip = process.platform !== 'linux';

test(
  'two shells: the plan of the first waits at its prompt while the second replicates into the same zone',
  { skip },
  async (t) => {
    const { env } = await emulatorProcess(t, 0.01);
    const up = await trizone(['up', '--zone', zoneB, '--nodes', '1', '--yes'], env);
    assert.equal(up.code, 0, up.err);
    assert.equal((await trizone(['replicate', '--zone', zoneC, '--yes'], env)).code, 0);
    const replica = (await mastersOf(env)).find((m) => m.zone === zoneC)?.name ?? '';

    const first = new Shell(t, ['master', 'remove', replica, '--details'], { ...env, TERM: 'xterm' });
    await first.shows(/Type yes to confirm:/);
    assert.match(first.screen, new RegExp(`Delete instance group kubernetes-masters in ${zoneC}`));
    // Another computer: a state folder of its own.
    const there = { ...env, TRIZONE_STATE: `${env.HOME ?? ''}/elsewhere` };
    const second = await trizone(['replicate', '--zone', zoneC, '--yes'], there);
    assert.equal(second.code, 0, second.err);

    first.type('yes');
    await first.shows(/Type yes to proceed anyway:/);
    assert.match(first.screen, /The cluster has changed since this plan was made/);
    assert.match(first.screen, new RegExp(`removed: +- Delete instance group kubernetes-masters in ${zoneC}`));
    first.type('yes');
    assert.equal(await first.ended, 0, first.screen);

    const masters = await mastersOf(env);
    assert.deepEqual(masters.map((m) => m.zone).sort(), [zoneB, zoneC]);
    assert.ok(!masters.some((m) => m.name === replica));
    for (const m of masters) assert.equal(m.backend, 'healthy', `${m.name} is not behind the load balancer`);

    const third = new Shell(t, ['replicate', '--zone', zoneD], { ...env, TERM: 'xterm' });
    await third.shows(/Type yes to confirm:/);
    assert.equal((await trizone(['replicate', '--zone', zoneD, '--yes'], there)).code, 0);
    third.type('yes');
    await third.shows(/Type yes to proceed anyway:/);
    third.type('no');
    assert.notEqual(await third.ended, 0);
    assert.equal((await mastersOf(env)).length, 3, 'a no changes nothing');
  },
);
