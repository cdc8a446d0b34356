import { OperatorError } from '../lib/operatorError.ts';
import { command, toRun } from '../lib/remedy.ts';
import type { Names } from '../model/names.ts';
import type { Reads } from './world.ts';

/** Connects to the cluster's API; that it does not exist yet is an error of its own. */
export const apiOf = async <W extends Reads>(world: W, names: Pick<Names, 'secrets'>) => {
  const found = (await world.kubernetes(names.secrets.admin)) as Awaited<ReturnType<W['kubernetes']>>;
  if (found !== undefined) return found;
  throw new OperatorError('kubernetes', 'The cluster has not published its admin kubeconfig yet', {
    retry: 'soon',
    remedy: toRun('If the first master is still booting, wait for it', command`trizone status`),
  });
};

/** The result of a Kubernetes request; undefined if the API does not respond. */
export const ifAnswers = async <T>(ask: () => Promise<T>): Promise<T | undefined> => {
  try {
    return await ask();
  } catch (error) {
    if (OperatorError.is(error, 'kubernetes')) return undefined;
    throw error;
  }
};
