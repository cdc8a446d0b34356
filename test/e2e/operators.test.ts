import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { program, readEnvFile, trizone, type Environment } from '../support/commandLine.ts';
import { openOnEmulator, seeFirstCluster } from './deeds.ts';
import { shoot } from './shots.ts';
import { scene, type Stage } from './stage.ts';

scene(
  'another computer works on the cluster while a plan waits: the difference is asked for, a dead holder can be taken over, a run forgotten, and plans go with the connection',
  { emulator: 'firstCluster' },
  async (stage) => {
    await openOnEmulator(stage);
    await seeFirstCluster(stage);
    await differs(stage);
    await isTakenOver(stage);
    await isForgotten(stage);
    await isDropped(stage);
  },
);

const [zoneC, zoneD] = ['europe-west1-c', 'europe-west1-d'];

/** Another computer: the command line on its own state folder. */
const elsewhere = ({ env, state, folder }: Stage): Environment => ({
  ...env,
  ...readEnvFile(join(state, 'env.sh')),
  TRIZONE_STATE: join(folder, 'elsewhere'),
});

const planPool = async ({ workbench }: Stage, zone: string): Promise<void> => {
  await workbench.contextMenu('Clusters', new RegExp(`^${zone}`), 'Add Node Pool to Zone…');
  await workbench.type('1', `Number of nodes for the pool in ${zone}`);
};

const differs = async (stage: Stage): Promise<void> => {
  const { workbench } = stage;
  await planPool(stage, zoneC);
  await workbench.answer('Review the Plan First');
  const { code, err } = await trizone(['pool', 'add', '--zone', zoneC, '--nodes', '1', '--yes'], elsewhere(stage));
  assert.equal(code, 0, err);
  await workbench.contextMenu('Activity', /Add node pool to kubernetes, planned/, 'Apply Plan…');
  await workbench.answer('Add');
  await workbench.dialog().getByText('The cluster has changed since this plan was made').waitFor();
  await workbench.dialog().getByText('removed: ').waitFor();
  await shoot(stage, 'difference');
  await workbench.answer('Add');
  await workbench.notification(`Add node pool group to kubernetes in ${zoneC}: done`).waitFor();
};

// Its lease expires after five minutes of silence; the test stops at the prompt.
const isTakenOver = async (stage: Stage): Promise<void> => {
  const { workbench } = stage;
  await dies(['pool', 'add', '--zone', zoneD, '--nodes', '1', '--yes'], elsewhere(stage));
  await planPool(stage, zoneD);
  const refused = workbench.notification('Another computer holds the cluster');
  await refused.getByRole('button', { name: 'Take Over…' }).click();
  await workbench.dialog().getByText('no heartbeat for five minutes').waitFor();
  await shoot(stage, 'takeOver');
  await workbench.answer('Cancel');
};

/** Runs the program and kills it once its run has begun. */
const dies = async (args: readonly string[], env: Environment): Promise<void> => {
  const child = spawn(process.execPath, [program, ...args], { env, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  for await (const part of child.stderr) {
    said += String(part);
    if (said.includes('lease:')) break;
  }
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
};

const isForgotten = async (stage: Stage): Promise<void> => {
  const { workbench, env, state } = stage;
  // A run in this window's own state folder is shown here.
  const here = { ...env, ...readEnvFile(join(state, 'env.sh')) };
  await dies(['up', '--zone', 'us-central1-a', '--cluster', 'other', '--nodes', '1', '--yes'], here);
  await workbench.item('Activity', /^Create other, interrupted/).waitFor();
  await workbench.contextMenu('Activity', /^Create other, interrupted/, 'Forget Run…');
  await workbench.answer('Forget');
  await workbench.item('Activity', /^Create other, closed/).waitFor();
};

// The forgotten run had reserved the address of a second cluster: the palette asks which one to use.
const isDropped = async (stage: Stage): Promise<void> => {
  const { workbench } = stage;
  await workbench.command('Trizone: Protect Cluster');
  await workbench.quickInput().getByText('Select a cluster').waitFor();
  await workbench.quickInput().getByRole('option', { name: 'other' }).waitFor();
  await workbench.pick('kubernetes');
  await workbench.answer('Review the Plan First');
  // Opening a document takes the focus and closes a palette opened before.
  await workbench.document('Plan: Protect kubernetes').waitFor();
  await workbench.item('Activity', /planned/).waitFor();
  await workbench.command('Trizone: Use Google Cloud');
  await workbench.notification('the plan was discarded because the connection changed').waitFor();
  await workbench.item('Activity', /planned/).waitFor({ state: 'detached' });
  await shoot(stage, 'dropped');
};
