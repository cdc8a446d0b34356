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
