import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { wallClock } from '../../src/lib/clock.ts';
import { poll, withDeadline } from '../../src/lib/deadline.ts';
import { OperatorError } from '../../src/lib/operatorError.ts';
import { openOnEmulator, seeFirstCluster } from './deeds.ts';
import { scene } from './stage.ts';

const kubernetesTools = join(import.meta.dirname, 'kubernetesTools');

scene(
  'clusters stand in the Kubernetes extension’s Cloud Explorer, with their kubeconfig',
  { emulator: 'firstCluster', extensions: [kubernetesTools] },
  async (stage) => {
    const { workbench, page } = stage;
    await openOnEmulator(stage);
    await seeFirstCluster(stage);
    await workbench.openContainer('Explorer');
    await page.getByRole('button', { name: 'Clouds Section' }).click();
    await workbench.contextMenu('Clouds', /^kubernetes, 1 master, 3 nodes/, 'Save Kubeconfig');
    await page.getByText('certificate-authority-data').first().waitFor();
  },
);

scene('the command line is on the path of the integrated terminal', { emulator: 'firstCluster' }, async (stage) => {
  const { workbench, page, folder } = stage;
  await openOnEmulator(stage);
  await seeFirstCluster(stage);
  await workbench.command('Terminal: Create New Terminal');
  await page.locator('.terminal-wrapper.active .xterm-helper-textarea').waitFor({ state: 'attached' });
  await page.keyboard.type(`trizone runs > ${folder}/runs.txt && mv ${folder}/runs.txt ${folder}/seen.txt\n`);
  const late = () => new OperatorError('timeout', 'trizone did not run in the terminal');
  await withDeadline(wallClock, 30_000, undefined, late, (signal) =>
    poll(wallClock, 200, signal, () => Promise.resolve(existsSync(join(folder, 'seen.txt')) || undefined)),
  );
});
