import { openSession, type Session } from '../compose.ts';
import type { Terminal } from './terminal.ts';
import type { Words } from './words.ts';

/** Works on the cloud that the words and the environment choose. */
export const inCloud = async (
  t: Terminal,
  w: Words,
  work: (s: Session, t: Terminal, w: Words) => Promise<void>,
  endpoint = w.text('endpoint'),
): Promise<void> => {
  const chosen = { endpoint, project: w.text('project'), region: w.text('region') };
  const session = await openSession({ ...chosen, env: t.env, onRetry: t.log });
  try {
    await work(session, t, w);
  } finally {
    await session.close();
  }
};
