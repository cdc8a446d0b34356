import type { Stage } from './stage.ts';

/** Settings that make a run take half a minute: it is still active when a test checks it. */
export const slow = { 'trizone.emulator.timeScale': 0.1 };

/** The article's first line, as a user pastes it. */
export const articleLine =
  'KUBERNETES_PROVIDER=gce NUM_NODES=3 MULTIZONE=true KUBE_GCE_ZONE=europe-west1-b ./cluster/kube-up.sh';

/** Opens the container, and starts the emulator of the stage's state if it is stopped; it runs when this returns. */
export const openOnEmulator = async ({ workbench }: Stage): Promise<void> => {
  await workbench.openContainer('Trizone');
  const start = workbench.view('Clusters').getByRole('button', { name: 'Start the Emulator' });
  await start.click();
  await start.waitFor({ state: 'detached' });
};

/** Starts the article's first cluster from its exports, up to the point where some steps are done. */
export const beginFirstCluster = async ({ workbench }: Stage): Promise<void> => {
  await workbench.command('Trizone: Run kube-up Exports…');
  await workbench.type(articleLine, 'kube-up exports');
  await workbench.answer('Create');
  await workbench.item('Activity', /Create kubernetes, running · ([5-9]|1\d)\/\d+ steps/).waitFor();
};

/** Waits for the article's complete first cluster in the tree. */
export const seeFirstCluster = async ({ workbench }: Stage): Promise<void> => {
  await workbench.item('Clusters', /^kubernetes, 1 master · tolerates no failures · 3 nodes/).waitFor();
  await workbench.item('Clusters', /kubernetes-master, leader · healthy · Ready/).waitFor();
  await workbench.item('Clusters', /kubernetes-minion-group, 3\/3 Ready/).waitFor();
  for (const zone of ['c', 'd']) await workbench.item('Clusters', new RegExp(`europe-west1-${zone}, empty`)).waitFor();
};

/** No resources of any cluster are left, according to the tree and to Find Leftovers. */
export const seeNothing = async ({ workbench }: Stage): Promise<void> => {
  await workbench.view('Clusters').getByRole('button', { name: 'Create Cluster', exact: true }).waitFor();
  await workbench.command('Trizone: Find Leftovers');
  await workbench.notification('No leftovers').waitFor();
};
