import { join } from 'node:path';
import { openSession } from '../compose.ts';
import { ensureEmulator } from './emulator.ts';
import { up } from './create.ts';
import { status } from './inspect.ts';
import type { Terminal } from './terminal.ts';
import { readWords, type Words } from './words.ts';

/** `npm start`: the article's first cluster on the emulator, live in this terminal, left up to be looked at. */
export const start = async (t: Terminal, w: Words): Promise<void> => {
  const running = await ensureEmulator(t, w);
  const env = {
    ...t.env,
    TRIZONE_STATE: running.state,
    TRIZONE_ENDPOINT: running.endpoint,
    CLOUDSDK_AUTH_ACCESS_TOKEN_FILE: join(running.state, 'token'),
  };
  t.say(
    `The emulator runs at ${running.endpoint} (a simulated minute takes ${(running.timeScale * 60).toFixed(1)} s).`,
  );
  const inside = { ...t, env };
  const session = await openSession({ env, onRetry: t.log });
  try {
    await up(session, inside, readWords(['up', '--zone', 'europe-west1-b', '--yes']));
    await status(session, inside, w);
  } finally {
    await session.close();
  }
  t.say(
    [
      '',
      'Look at it yourself:',
      `  . '${join(running.state, 'env.sh')}'`,
      '  gcloud compute instances list',
      '  npx trizone kubeconfig --output /tmp/trizone.yaml && kubectl --kubeconfig /tmp/trizone.yaml get nodes',
      '  npx trizone validate',
      'Tear it down: npx trizone down --yes-delete kubernetes     Stop the emulator: npx trizone emulator stop',
    ].join('\n'),
  );
};
