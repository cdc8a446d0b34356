import { openOnEmulator, seeFirstCluster } from './deeds.ts';
import { shoot } from './shots.ts';
import { scene } from './stage.ts';

scene(
  'a master is replicated to an empty zone by right-click, and removed again by its typed name',
  { emulator: 'firstCluster' },
  async (stage) => {
    const { workbench } = stage;
    await openOnEmulator(stage);
    await seeFirstCluster(stage);
    await workbench.contextMenu('Clusters', /europe-west1-c, nothing here/, 'Replicate Master to Zone…');
    await workbench.dialog().getByText('⚠').waitFor(); // two masters tolerate no failure
    await workbench.answer('Replicate');
    await workbench.notification('Replicate master of kubernetes to europe-west1-c: done').waitFor({ timeout: 90_000 });
    await workbench.item('Clusters', /^kubernetes, 2 masters/).waitFor();
    const replica = workbench.item('Clusters', /kubernetes-master-[a-z0-9]{3}, (leader|voter) · healthy · Ready/);
    await replica.waitFor();
    await shoot(stage, 'twoMasters');
    const name = /kubernetes-master-[a-z0-9]{3}/.exec((await replica.getAttribute('aria-label')) ?? '')?.[0] ?? '';
    await workbench.contextMenu('Clusters', new RegExp(name), 'Remove Master…');
    await workbench.type(name, `Remove master ${name}`);
    await workbench.notification(`Remove master ${name} of kubernetes: done`).waitFor({ timeout: 90_000 });
    await workbench.item('Clusters', /^kubernetes, 1 master /).waitFor();
  },
);
