import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { leaseName } from '../../src/model/clusterIdentity.ts';
import { bareEnvironment, emulatorProcess, program, trizone } from '../support/commandLine.ts';
import { fileJournal, temporaryFolder } from '../support/engineWorld.ts';

const isRoot = process.platform === 'linux' && process.getuid?.() === 0;
const skip = !isRoot && 'files of two users need root on Linux';
const nobody = 65534;

/** `trizone` as another user, in a state folder of theirs. */
const asNobody = (folder: string, args: readonly string[]) => {
  const env = { ...bareEnvironment(folder), TRIZONE_STATE: folder };
  const options = { env, uid: nobody, gid: nobody, encoding: 'utf8', timeout: 30_000, cwd: '/' } as const;
  return spawnSync(process.execPath, [program, ...args], options);
};

test(
  "runs that `sudo trizone` left as root's do not hide the others: each is told with whose it is and a way",
  { skip },
  (t) => {
    const folder = temporaryFolder(t);
    fileJournal(folder, 'mine');
    fileJournal(folder, 'theirs');
    const runs = join(folder, 'runs');
    for (const path of [folder, runs, join(runs, 'mine.jsonl')]) chownSync(path, nobody, nobody);
    const seen = asNobody(folder, ['runs']);
    assert.equal(seen.status, 0, seen.stderr);
    const theirs = join(runs, 'theirs.jsonl');
    assert.match(seen.stdout, /^mine +up/m);
    assert.ok(
      seen.stdout.includes(
        `Cannot read the run's journal: ${theirs}, no permission (it belongs to root)\n  Take ownership (sudo chown -R "$(id -u)" ${theirs})`,
      ),
      seen.stdout,
    );
    const json = JSON.parse(asNobody(folder, ['runs', '--json']).stdout) as {
      runs: { run: string }[];
      unread: { run: string; message: string; remedy: string }[];
    };
    assert.deepEqual([json.runs.map((r) => r.run), json.unread.map((r) => r.run)], [['mine'], ['theirs']]);
    const forget = asNobody(folder, ['runs', '--forget', 'theirs']);
    assert.equal(forget.status, 1);
    assert.match(forget.stderr, /^Error \(journal\): Cannot read the run's journal: .*\n {2}Take ownership/);
  },
);

test("a folder of runs that is root's is told in one sentence, with its remedy", { skip }, (t) => {
  const folder = temporaryFolder(t);
  fileJournal(folder, 'theirs');
  chownSync(folder, nobody, nobody);
  const seen = asNobody(folder, ['runs']);
  assert.equal(seen.status, 1);
  const runs = join(folder, 'runs');
  assert.equal(
    seen.stderr,
    `Error (disk): Cannot read the runs: ${runs}, no permission (it belongs to root)\n  Take ownership (sudo chown -R "$(id -u)" ${runs}), or set TRIZONE_STATE to another folder.\n`,
  );
});

test("a lease that is root's leaves the list of runs whole", { skip }, (t) => {
  const folder = temporaryFolder(t);
  fileJournal(folder, 'mine');
  for (const path of [folder, join(folder, 'runs'), join(folder, 'runs', 'mine.jsonl')])
    chownSync(path, nobody, nobody);
  mkdirSync(join(folder, 'leases'));
  chmodSync(join(folder, 'leases'), 0o755);
  const lease = leaseName('c', { project: 'demo' });
  writeFileSync(join(folder, 'leases', `${lease}.lock`), '{}', { mode: 0o600 });
  const seen = asNobody(folder, ['runs']);
  assert.equal(seen.status, 0, seen.stderr);
  assert.match(seen.stdout, /^mine +up .*unknown, its lease cannot be read/m);
});

test('resume and undo without a name pass over what cannot be read, with a word; with its name they refuse it', async (t) => {
  const { env, state } = await emulatorProcess(t, 0.005);
  mkdirSync(join(state, 'runs', 'folder.jsonl'), { recursive: true });
  for (const verb of ['resume', 'undo']) {
    const bare = await trizone([verb], env);
    assert.match(bare.err, /^Skipped: Cannot read the run's journal: .*folder\.jsonl, is a folder$/m);
    assert.match(bare.err, new RegExp(`^Error \\(not-found\\): No run to ${verb}$`, 'm'));
    const named = await trizone([verb, 'folder'], env);
    assert.match(
      named.err,
      /^Error \(journal\): Cannot read the run's journal: .*\n {2}Move the existing file or folder/,
    );
    assert.equal(named.code, 1);
  }
});

test('a run that is over is not said to be forgotten', async (t) => {
  const folder = temporaryFolder(t);
  const env = { ...bareEnvironment(folder), TRIZONE_STATE: folder };
  fileJournal(folder, 'over').append({ type: 'ended', state: 'done', at: 1 });
  fileJournal(folder, 'open');
  const over = await trizone(['runs', '--forget', 'over'], env);
  assert.equal(over.code, 0);
  assert.match(over.out, /^Run has already ended \(done\), nothing to forget: over\n/);
  assert.match((await trizone(['runs', '--forget', 'open'], env)).out, /^Forgot run open\./);
  assert.match((await trizone(['runs', '--forget', 'open'], env)).out, /^Run has already ended \(closed\)/);
});
