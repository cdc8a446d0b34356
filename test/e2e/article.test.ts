import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findEmulator } from '../../src/emulator/process.ts';
import { articleLine, openOnEmulator, seeFirstCluster, seeNothing } from './deeds.ts';
import { shoot } from './shots.ts';
import { scene, type Stage } from './stage.ts';

/** A verb of the article may take several simulated minutes. */
const patient = { timeout: 120_000 };

const done = async ({ workbench }: Stage, title: string): Promise<void> => {
  const told = workbench.notification(`${title}: done`);
  await told.waitFor(patient);
  await workbench.command('Notifications: Clear All Notifications');
};

const addPool = async (stage: Stage, zone: string): Promise<void> => {
  const { workbench } = stage;
  await workbench.contextMenu('Clusters', new RegExp(`europe-west1-${zone}, `), 'Add Node Pool to Zone…');
  await workbench.type('3', `Number of nodes for the pool in europe-west1-${zone}`);
  await workbench.answer('Add');
  await done(stage, `Add node pool group to kubernetes in europe-west1-${zone}`);
};

const replicate = async (stage: Stage, zone: string): Promise<void> => {
  const { workbench } = stage;
  await workbench.contextMenu('Clusters', new RegExp(`europe-west1-${zone}, `), 'Replicate Master to Zone…');
  await workbench.answer('Replicate');
  await done(stage, `Replicate master of kubernetes to europe-west1-${zone}`);
};

/** Names of the replicas in the order of their zones. */
const replicas = async ({ workbench }: Stage): Promise<string[]> => {
  const rows = await workbench.item('Clusters', /kubernetes-master-[a-z0-9]{3}, /).all();
  const labels = await Promise.all(rows.map(async (row) => (await row.getAttribute('aria-label')) ?? ''));
  return labels.map((label) => /kubernetes-master-[a-z0-9]{3}/.exec(label)?.[0] ?? '');
};

/** `gcloud compute instances stop`, with gcloud's own request. */
const halt = async ({ state }: Stage, name: string): Promise<void> => {
  const running = await findEmulator(state);
  assert.ok(running);
  const authorization = `Bearer ${readFileSync(join(state, 'token'), 'utf8').trim()}`;
  const path = `compute/v1/projects/demo/zones/europe-west1-c/instances/${name}/stop`;
  const answer = await fetch(`${running.endpoint}/${path}`, { method: 'POST', headers: { authorization } });
  assert.equal(answer.status, 200);
};

const removeMaster = async (stage: Stage, name: string): Promise<void> => {
  await stage.workbench.contextMenu('Clusters', new RegExp(name), 'Remove Master…');
  await stage.workbench.type(name, `Remove master ${name}`);
  await done(stage, `Remove master ${name} from kubernetes`);
  await stage.workbench.item('Clusters', new RegExp(name)).waitFor({ state: 'detached' });
};

const removePool = async (stage: Stage, zone: string): Promise<void> => {
  const { workbench } = stage;
  await workbench.command('Trizone: Remove Node Pool…');
  await workbench.pick(new RegExp(`kubernetes-minion-group.*europe-west1-${zone}`));
  await workbench.type('group', 'Remove node pool');
  await done(stage, `Remove node pool group in europe-west1-${zone} from kubernetes`);
};

scene('the whole article by right-click and palette', { emulator: 'empty' }, async (stage) => {
  const { workbench } = stage;
  await openOnEmulator(stage);
  await workbench.command('Trizone: Run kube-up Exports…');
  await workbench.type(articleLine, 'kube-up exports');
  await workbench.answer('Create');
  await seeFirstCluster(stage);
  await workbench.command('Notifications: Clear All Notifications');
  await shoot(stage, 'article-1');

  await addPool(stage, 'c');
  await addPool(stage, 'd');
  await workbench.item('Clusters', /^kubernetes, 1 master .* 9 nodes/).waitFor();
  await replicate(stage, 'c');
  await workbench.item('Clusters', /^kubernetes, 2 masters · tolerates no failures/).waitFor();
  await replicate(stage, 'd');
  await workbench.item('Clusters', /^kubernetes, 3 masters · tolerates 1 failure · 9 nodes/).waitFor();
  await workbench.statusEntry(/3 of 3 masters serving/).waitFor();
  await shoot(stage, 'article-5');

  await workbench.contextMenu('Clusters', /^kubernetes, /, 'Smoke Test');
  await workbench.answer('Run');
  const smoked = workbench.notification('Smoke test of kubernetes: done');
  await smoked.getByRole('button', { name: 'Show Report' }).click(patient);
  await stage.page.getByText('# Smoke test of kubernetes').waitFor();
  await workbench.command('Notifications: Clear All Notifications');
  await shoot(stage, 'article-7', 480);

  const [inC = '', inD = ''] = await replicas(stage);
  await workbench.contextMenu('Clusters', new RegExp(inC), 'Halt Master (Drill)…');
  await workbench.answer('Halt');
  await done(stage, `Halt master ${inC} of kubernetes (drill)`);
  await workbench.item('Clusters', new RegExp(`${inC}, (voter|leader) · healthy · Ready`)).waitFor();
  // As in the article: stopped from outside, and down until it is started again.
  await halt(stage, inC);
  await workbench.item('Clusters', new RegExp(`${inC}, TERMINATED`)).waitFor(patient);
  await shoot(stage, 'article-8');
  await workbench.contextMenu('Clusters', new RegExp(inC), 'Start Master');
  await workbench.answer('Start');
  await done(stage, `Start master ${inC} of kubernetes`);

  await removeMaster(stage, inC);
  await removeMaster(stage, inD);
  await workbench.item('Clusters', /^kubernetes, 1 master /).waitFor();
  await shoot(stage, 'article-11');
  await removePool(stage, 'c');
  await removePool(stage, 'd');
  await seeFirstCluster(stage);

  await workbench.command('Trizone: Tear Down Cluster…');
  await workbench.type('kubernetes', 'Tear down cluster');
  await workbench.notification('Nothing is left').waitFor(patient);
  await workbench.command('Notifications: Clear All Notifications');
  await seeNothing(stage);
  await shoot(stage, 'article-13');
});
