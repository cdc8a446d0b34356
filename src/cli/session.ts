import { openSession, type Session } from '../compose.ts';
import type { Terminal } from './terminal.ts';
import type { Arguments } from './arguments.ts';

/** Runs `work` against the cloud selected by the command line and the environment. */
export const inCloud = async <T>(
  terminal: Pick<Terminal, 'env' | 'log'>,
  args: Pick<Arguments, 'text'>,
  work: (s: Session) => Promise<T>,
  endpoint = args.text('endpoint'),
): Promise<T> => {
  const chosen = { endpoint, project: args.text('project'), region: args.text('region') };
  const session = await openSession({ ...chosen, env: terminal.env, onRetry: terminal.log });
  try {
    return await work(session);
  } finally {
    await session.close();
  }
};
