import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { EtcdDuel } from '../support/etcdDuel.ts';
import { tellStory } from '../support/etcdStory.ts';
import { EtcdModel } from '../support/etcdModel.ts';
import { etcdPrograms, RealMember, realEtcdctl, until, whyNoEtcd } from '../support/realEtcd.ts';

// Checks the model against real etcd: the same random sequences, with outcomes compared after every command.

const isLong = process.argv.includes('--long');
const pinned = ['a', 'c', 'd', 'e', 'h', 's2', 's17', 's22'];
const given = process.env.TRIZONE_SEEDS?.split(',');
const seeds = given ?? (isLong ? Array.from({ length: 300 }, (_, n) => `long-${n}`) : pinned);

/** In parallel: every story waits for etcd's health window, and waiting costs no CPU. */
const width = isLong ? 12 : 8;

const run = async (seed: string): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), 'trizone-etcd-'));
  const duel = new EtcdDuel(seed, folder);
  try {
    await tellStory(duel, seed);
    if (given !== undefined) console.log(duel.said.join('\n'));
  } finally {
    await duel.end();
    rmSync(folder, { recursive: true, force: true });
  }
};

test('the model of etcd does what real etcd does', { skip: whyNoEtcd(), concurrency: width }, async (t) => {
  etcdPrograms();
  await Promise.all(seeds.map((seed) => t.test(`seed ${seed}`, () => run(seed))));
});

/** Output without IDs, addresses, numbers, and order: members are listed by ID, which is random. */
const normal = (printed: { stdout: string; stderr: string; code: number }) => {
  const masked = (text: string): string[] =>
    text
      .replace(/https?:[^,"\s\]]+/g, '<url>')
      .replace(/\b[0-9a-f]{12,16}\b/g, '<id>')
      .replace(/^\{"level":"warn".*"error":"([^"]*)".*$/gm, '$1')
      .replace(/[\d.]+( [kM]B| GB|ms|µs|%)/g, 'N')
      .replace(/\b\d[\d.]*\b/g, 'N')
      // Members are ordered by their random IDs; also between the quotes of ETCD_INITIAL_CLUSTER.
      .replace(/(ETCD_INITIAL_CLUSTER=)"([^"]*)"/g, (_, name: string, all: string) => `${name} ${all}`)
      .split(/[\s,{}[\]]+/)
      .sort();
  return { stdout: masked(printed.stdout), stderr: masked(printed.stderr), code: printed.code };
};

/** `ID`: the ID from the last `member add`. */
const lines = `member list
member list -w json
endpoint status
endpoint status -w json
endpoint health
alarm list
alarm list -w json
member add one --learner --peer-urls=http://127.0.0.1:1001
member list
member promote ID
member add two --learner --peer-urls=http://127.0.0.1:1002
move-leader ID
endpoint status --cluster
member remove ID
member remove ID
member promote 1234
member remove xyz
member promote
member add
member add three
move-leader
nonsense
member add four --learner -w json --peer-urls http://127.0.0.1:1003`.split('\n');

test('the model’s etcdctl prints what real etcdctl prints', { skip: whyNoEtcd() }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'trizone-etcdctl-'));
  const real = await RealMember.make('m0', folder);
  t.after(async () => {
    await real.kill();
    rmSync(folder, { recursive: true, force: true });
  });
  real.start(`m0=${real.peerUrl}`, 'new');
  await until(
    'etcd answers',
    async () => (await real.ask('kv/put', { key: 'aw==', value: 'aw==' })).error === undefined,
  );
  const model = new EtcdModel('etcdctl');
  model.start(0);
  const ids = { real: '', model: '' };
  for (const line of lines) {
    const words = (id: string, url: string): string[] => [...line.replace('ID', id).split(' '), `--endpoints=${url}`];
    const said = await realEtcdctl(words(ids.real, real.clientUrl));
    const modelled = model.etcdctl(words(ids.model, model.view?.etcd.members[0]?.clientUrl ?? ''));
    assert.deepEqual(normal(modelled), normal(said), line);
    const idIn = (text: string): string | undefined => /^Member +([0-9a-f]+) added/.exec(text)?.[1];
    ids.real = idIn(said.stdout) ?? ids.real;
    ids.model = idIn(modelled.stdout) ?? ids.model;
  }
});
