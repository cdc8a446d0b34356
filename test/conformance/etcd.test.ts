import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { EtcdDuel } from '../support/etcdDuel.ts';
import { tellStory } from '../support/etcdStory.ts';
import { etcdPrograms, whyNoEtcd } from '../support/realEtcd.ts';

// Real etcd judges the model: the same random sequences, outcomes compared after every command.

const isLong = process.argv.includes('--long');
const pinned = ['a', 'c', 'd', 'e', 'h', 's2', 's17', 's22'];
const given = process.env.TRIZONE_SEEDS?.split(',');
const seeds = given ?? (isLong ? Array.from({ length: 300 }, (_, n) => `long-${n}`) : pinned);

/** Side by side: etcd's health window makes every story wait, and waiting costs nothing. */
const width = 8;

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
