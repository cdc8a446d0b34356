import { beginFirstCluster, openOnEmulator, seeFirstCluster, seeNothing, slow } from './deeds.ts';
import { shoot } from './shots.ts';
import { scene } from './stage.ts';

scene(
  'a window that is reloaded in mid-run offers to resume, and completes',
  { emulator: 'empty', settings: slow },
  async (stage) => {
    const { workbench } = stage;
    await openOnEmulator(stage);
    await beginFirstCluster(stage);
    await workbench.open(stage.server.url());
    await workbench.openContainer('Trizone');
    await workbench.item('Activity', /^Create kubernetes, interrupted/).waitFor();
    await workbench.notification('was interrupted').waitFor();
    await shoot(stage, 'interrupted');
    await workbench.notification('was interrupted').getByRole('button', { name: 'Resume' }).click();
    await workbench.answer('Resume');
    await workbench.notification('done').waitFor({ timeout: 90_000 });
    await seeFirstCluster(stage);
  },
);

scene(
  'a second window shows the same run, and cannot start another',
  { emulator: 'empty', settings: slow },
  async (stage) => {
    await openOnEmulator(stage);
    // Before the run: a window may take longer to open than the run takes.
    const second = await stage.secondWindow();
    await second.openContainer('Trizone');
    await beginFirstCluster(stage);
    await second.item('Activity', /^Create kubernetes, running in another process/).waitFor();
    await second.command('Trizone: Run kube-up Exports…');
    await second.type('KUBE_GCE_ZONE=europe-west1-b ./cluster/kube-up.sh', 'kube-up exports');
    await second.answer('Create');
    await second.notification('Another run holds the cluster').waitFor();
    await stage.workbench.notification('done').waitFor({ timeout: 90_000 });
  },
);

scene(
  'a run that is cancelled says what exists and offers to undo it, which leaves nothing',
  { emulator: 'empty', settings: slow },
  async (stage) => {
    const { workbench } = stage;
    await openOnEmulator(stage);
    await beginFirstCluster(stage);
    await workbench.contextMenu('Activity', /^Create kubernetes, running/, 'Cancel Run');
    const said = workbench.notification('The resources they created still exist');
    await said.waitFor();
    await workbench.item('Activity', /^Create kubernetes, cancelled/).waitFor();
    await shoot(stage, 'cancelled');
    await said.getByRole('button', { name: 'Undo' }).click();
    await workbench.answer('Undo');
    await workbench.notification('Undo: Create kubernetes: done').waitFor({ timeout: 90_000 });
    await seeNothing(stage);
  },
);
