import { seeFirstCluster, slow } from './deeds.ts';
import { shoot } from './shots.ts';
import { scene, type Stage } from './stage.ts';

scene('a newcomer creates the article’s first cluster and watches it come up', { settings: slow }, async (stage) => {
  const { workbench } = stage;
  await workbench.openContainer('Trizone');
  const clusters = workbench.view('Clusters');
  await clusters.getByRole('button', { name: 'Try It Without an Account' }).click();
  await clusters.getByRole('button', { name: 'Create Cluster', exact: true }).waitFor();
  await shoot(stage, 'noCluster');
  await clusters.getByRole('button', { name: 'Create Cluster', exact: true }).click();
  await answerQuestions(stage);

  await workbench.dialog().getByText('29 to create').waitFor();
  await shoot(stage, 'planDialog');
  await workbench.answer('Review the Plan First');
  await stage.page.getByText('gcloud compute addresses create').first().waitFor();
  await workbench.item('Activity', /Create kubernetes, planned/).waitFor();
  await shoot(stage, 'planDocument');
  await workbench.contextMenu('Activity', /Create kubernetes, planned/, 'Apply Plan…');
  await workbench.answer('Create');

  await workbench.item('Activity', /^Create kubernetes, running/).waitFor();
  await workbench
    .item('Activity', / s of about /)
    .nth(2)
    .waitFor(); // the run itself, and two concurrent steps
  await shoot(stage, 'running');
  await shoot(stage, 'overview', 480);
  await workbench.notification('done').waitFor({ timeout: 90_000 });
  await seeFirstCluster(stage);
  await workbench.webview().getByText('1 voter: tolerates no failures').waitFor();
  await shoot(stage, 'firstCluster');
  await seeLog(stage);
});

// Gives each prompt one invalid answer where that can be typed; and goes back once.
const answerQuestions = async (stage: Stage): Promise<void> => {
  const { workbench } = stage;
  const says = (text: string): Promise<void> => workbench.quickInput().getByText(text).first().waitFor();
  await workbench.pick('demo');
  await workbench.pick('europe-west1');
  await workbench.pick('europe-west1-b');
  await workbench.type('Kubernetes', 'Cluster name');
  await says('For example');
  await workbench.type('kubernetes');
  await workbench.type('1001', 'Number of nodes');
  await says('0 to 1000');
  await workbench.type('3');
  await workbench.pick('Anyone');
  await says('Show plan');
  await workbench.quickInput().getByRole('button', { name: 'Back' }).click();
  await workbench.pick('Only specific ranges');
  await workbench.type('203.0.113.1/24', 'Ranges that can reach the API');
  await says('203.0.113.0/24');
  await workbench.type('203.0.113.0/24');
  await shoot(stage, 'createSummary');
  await workbench.pick('Show plan');
};

const seeLog = async ({ workbench, page }: Stage): Promise<void> => {
  await workbench.contextMenu('Activity', /^Create kubernetes, done/, 'Show Run Log');
  await page.getByText('validate:kubernetes Validate the cluster').first().waitFor();
};
