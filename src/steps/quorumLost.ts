import { OperatorError } from '../lib/operatorError.ts';
import { command, toRun } from '../lib/remedy.ts';
import { plural } from '../lib/text.ts';
import { quorum } from '../model/quorum.ts';
import type { Reads } from './world.ts';

/**
 * Explains why etcd cannot be queried: if so many masters are off that it has no quorum, the error says so, with the
 * arithmetic by instances (etcd itself does not respond then); otherwise the error is returned unchanged. `masters` are
 * the names of all voters.
 */
export const quorumLost = async (
  world: Reads,
  masters: readonly string[],
  error: OperatorError,
): Promise<OperatorError> => {
  const { items, unreachable } = await world.cloud.compute.survey('instances');
  const all = items.filter((i) => masters.includes(i.name));
  const off = all.filter((i) => i.status !== 'RUNNING');
  const gone = masters.filter((name) => !all.some((i) => i.name === name));
  const running = masters.length - off.length - gone.length;
  if (running >= quorum(masters.length)) return error;
  const which = [
    ...off.map((i) => `${i.name} is ${i.status}`),
    ...gone.map((name) => `${name} is ${unreachable.length === 0 ? 'gone' : 'unreachable'}`),
  ].join(', ');
  const lead = 'Without quorum, nothing can be changed. Start the masters that are down';
  const start = off.map((instance, index) =>
    toRun(
      index === 0 ? lead : '',
      command`gcloud compute instances start ${instance.name} --zone=${instance.zone ?? ''}`,
    ),
  );
  return new OperatorError(
    'refused',
    `etcd has lost quorum, so the API is not responding: ${running} of ${plural(masters.length, 'master')} running, quorum ${quorum(masters.length)}; ${which}`,
    {
      cause: error,
      remedy: start.length === 0 ? lead : start,
    },
  );
};
