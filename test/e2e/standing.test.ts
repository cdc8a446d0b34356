import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openOnEmulator, seeFirstCluster, seeNothing } from './deeds.ts';
import { shoot } from './shots.ts';
import { scene, type Stage } from './stage.ts';

scene(
  'what the command line made is shown, validated, and torn down from the palette by its typed name',
  { emulator: 'firstCluster' },
  async (stage) => {
    const { workbench } = stage;
    await openOnEmulator(stage);
    await seeFirstCluster(stage);
    await workbench.command('Trizone: Validate');
    await workbench.notification('is valid').waitFor();
    await workbench.webview().getByText('1 voter: tolerates no failures').waitFor();
    await workbench.webview().getByRole('button', { name: 'Show as table' }).click();
    await workbench.webview().getByRole('table').first().waitFor();
    await shoot(stage, 'statusTable');

    await workbench.command('Trizone: Tear Down Cluster…');
    await workbench.type('kubernete', 'Tear down cluster kubernetes');
    await workbench.quickInput().getByText('Type the cluster name: kubernetes').waitFor();
    await shoot(stage, 'tearDown');
    await workbench.type('kubernetes');
    await workbench.notification('Nothing is left').waitFor();
    await seeNothing(stage);
    await shoot(stage, 'nothingLeft');
  },
);

scene(
  'an API server that is not responding leaves the tree standing, and says since when',
  { emulator: 'firstCluster' },
  async (stage) => {
    const { workbench } = stage;
    await openOnEmulator(stage);
    await seeFirstCluster(stage);
    await breakApi(stage);
    await workbench.command('Trizone: Refresh');
    await workbench.item('Clusters', /API unreachable since \d\d:\d\d/).waitFor();
    await workbench.item('Clusters', /kubernetes-master, leader · healthy · Ready/).waitFor();
    await workbench.item('Clusters', /kubernetes-minion-group, 3\/3 Ready/).waitFor();
    await workbench.webview().getByText('API unreachable since').first().waitFor();
    assert.equal(await stage.page.locator('.notification-toast').count(), 0);
    await shoot(stage, 'unreachable');
  },
);

scene(
  'in Restricted Mode nothing is offered that changes the world',
  { emulator: 'firstCluster', trust: 'restricted' },
  async (stage) => {
    const { workbench } = stage;
    await workbench.openContainer('Trizone');
    await workbench.view('Clusters').getByText('In Restricted Mode, Trizone only shows clusters').waitFor();
    await workbench.search('Trizone: ');
    await workbench.quickInput().getByRole('option', { name: 'Trizone: Refresh' }).waitFor();
    assert.equal(await workbench.quickInput().getByRole('option', { name: 'Trizone: Create Cluster' }).count(), 0);
    await shoot(stage, 'restricted');
  },
);

// Through the emulator's control path: connections to the API server hang.
const breakApi = async ({ state }: Stage): Promise<void> => {
  const { endpoint } = JSON.parse(readFileSync(join(state, 'emulator.json'), 'utf8')) as { endpoint: string };
  const token = readFileSync(join(state, 'token'), 'utf8').trim();
  const fault = { type: 'apiServerUnreachable', how: 'hang' };
  const answer = await fetch(`${endpoint}/emulator/faults`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify([{ match: { verb: 'connect' }, nth: 'every', fault }]),
  });
  assert.equal(answer.status, 200);
};
