import { openSession, type Session } from '../compose.ts';
import type { Terminal } from './terminal.ts';
import type { Arguments } from './arguments.ts';

/** Works on the cloud that the words and the environment choose. */
export const inCloud = async <T>(
  t: Pick<Terminal, 'env' | 'log'>,
  w: Pick<Arguments, 'text'>,
  work: (s: Session) => Promise<T>,
  endpoint = w.text('endpoint'),
): Promise<T> => {
  const chosen = { endpoint, project: w.text('project'), region: w.text('region') };
  const session = await openSession({ ...chosen, env: t.env, onRetry: t.log });
  try {
    return await work(session);
  } finally {
    await session.close();
  }
};
