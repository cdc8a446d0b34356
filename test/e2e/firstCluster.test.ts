import assert from 'node:assert/strict';
import { shoot } from './shots.ts';
import { scene } from './stage.ts';

scene('a newcomer creates the article’s first cluster and watches it come up', {}, async (stage) => {
  const { workbench } = stage;
  await workbench.openContainer('Trizone');
  const clusters = workbench.view('Clusters');
  await clusters.getByRole('button', { name: 'Try It Without an Account' }).click();
  await clusters.getByRole('button', { name: 'Create Cluster', exact: true }).waitFor();
  await shoot(stage, 'noCluster');

  await clusters.getByRole('button', { name: 'Create Cluster', exact: true }).click();
  await workbench.pick('demo');
  await workbench.pick('europe-west1');
  await workbench.pick('europe-west1-b');
  await workbench.type('Kubernetes', 'Create Cluster');
  await workbench.quickInput().getByText('For example').first().waitFor();
  await workbench.type('kubernetes');
  await workbench.type('3');
  await workbench.pick('Everybody');
  await shoot(stage, 'createSummary');
  await workbench.pick('Show the plan');

  await workbench.dialog().getByText('to create').waitFor();
  await shoot(stage, 'planDialog');
  await workbench.answer('Read the Plan First');
  await stage.page.getByText('gcloud compute addresses create').first().waitFor();
  await workbench.item('Activity', /Create kubernetes, planned/).waitFor();
  await shoot(stage, 'planDocument');
  await workbench.contextMenu('Activity', /Create kubernetes, planned/, 'Apply Plan…');
  await workbench.answer('Create');

  await workbench.item('Activity', /Create kubernetes, running/).waitFor();
  await shoot(stage, 'running');
  await workbench.notification('done').waitFor();
  await workbench.item('Clusters', /kubernetes, 1 master · tolerates no failure · 3 nodes/).waitFor();
  await workbench.item('Clusters', /kubernetes-master, leader · healthy · Ready/).waitFor();
  await workbench.item('Clusters', /kubernetes-minion-group, 3\/3 Ready/).waitFor();
  for (const zone of ['c', 'd'])
    await workbench.item('Clusters', new RegExp(`europe-west1-${zone}, nothing here`)).waitFor();
  await shoot(stage, 'firstCluster');
  assert.ok(true);
});
