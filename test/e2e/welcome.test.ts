import assert from 'node:assert/strict';
import { shoot } from './shots.ts';
import { scene } from './stage.ts';

scene('who opens Trizone for the first time is offered to try it without an account', {}, async (stage) => {
  const { workbench } = stage;
  await workbench.openContainer('Trizone');
  const clusters = workbench.view('Clusters');
  await clusters.getByRole('button', { name: 'Try It Without an Account' }).waitFor();
  await clusters.getByRole('button', { name: 'Sign In to Google Cloud' }).waitFor();
  await shoot(stage, 'welcome');
});

scene("the view's menu fits the cloud that the settings name", { emulator: 'firstCluster' }, async ({ workbench }) => {
  await workbench.openContainer('Trizone');
  await workbench.titleMenu('Clusters', 'Stop Emulator');
  assert.equal(await workbench.page.getByRole('menuitem', { name: 'Choose Google Cloud Project…' }).count(), 0);
});
