import { quorum, tolerated } from '../../model/quorum.ts';
import type { MasterStatus } from '../../model/clusterStatus.ts';
import type { ObservedCluster } from '../snapshot.ts';
import type { Fact, QuorumView } from './statusMessages.ts';
import { clockTime, someNames, type Speaker } from '../words.ts';

const votes = (m: MasterStatus): boolean => m.etcd === 'leader' || m.etcd === 'voter';
// Kubernetes data may be stale; an instance that Compute Engine has
// stopped does not vote, whatever Kubernetes reported before.
const isUp = (m: MasterStatus): boolean => m.status === 'RUNNING' && m.node !== 'NotReady';

/**
 * What may fail, the point of the view: etcd's voters as text, then the zones that
 * hold them. `staleAt`: wall time (ms) of the data shown, if it is not current.
 */
export const quorumView = (speaker: Speaker, cluster: ObservedCluster, staleAt: number | undefined): QuorumView => {
  const voters = cluster.masters.filter(votes);
  const learners = cluster.masters.filter((m) => m.etcd === 'learner');
  const pips = [
    ...voters.map((m) => (isUp(m) ? ('up' as const) : ('down' as const))),
    ...learners.map(() => 'learner' as const),
  ];
  const verdict = voters.length === 0 ? withoutVoters(speaker, cluster) : verdictOf(speaker, voters);
  const of = voters.length > 0 && staleAt !== undefined ? [speaker.t('As of {0}.', clockTime(speaker, staleAt))] : [];
  return { ...verdict, details: [...verdict.details, ...learnerWords(speaker, learners), ...of], pips };
};

type Verdict = Omit<QuorumView, 'pips'>;

const withoutVoters = ({ t }: Speaker, cluster: ObservedCluster): Verdict => {
  if (cluster.masters.length === 0) return { tone: 'quiet', headline: t('No master yet'), details: [] };
  if (cluster.unreachable === undefined) return { tone: 'warn', headline: t('No voter yet'), details: [] };
  const why = t('etcd is queried through the API, which is not responding.');
  return { tone: 'warn', headline: t('Fault tolerance unknown'), details: [why] };
};

const verdictOf = (speaker: Speaker, voters: readonly MasterStatus[]): Verdict => {
  const { t } = speaker;
  const down = voters.filter((m) => !isUp(m)).map((m) => m.name);
  const up = voters.length - down.length;
  const needed = quorum(voters.length);
  if (down.length === 0) return whole(speaker, voters);
  const details = [t('Down: {0}', someNames(speaker, down))];
  if (up < needed) {
    return {
      tone: 'bad',
      headline: t('Quorum lost: {0} of {1} voters running, {2} required', up, voters.length, needed),
      details,
    };
  }
  const rest = othersMayFail(speaker, up, up - needed);
  const headline =
    down.length === 1 ? t('1 voter is down: {0}', rest) : t('{0} voters are down: {1}', down.length, rest);
  return { tone: 'warn', headline, details };
};

const othersMayFail = ({ t }: Speaker, others: number, spare: number): string => {
  if (spare === 0) return t('none of the other {0} can fail', others);
  return spare === 1
    ? t('any 1 of the other {0} can fail', others)
    : t('any {1} of the other {0} can fail', others, spare);
};

const whole = (speaker: Speaker, voters: readonly MasterStatus[]): Verdict => {
  const { t } = speaker;
  const n = voters.length;
  const spare = tolerated(n);
  if (n === 1) {
    const details = [t('Losing {0} takes down the control plane.', voters[0]?.zone ?? '')];
    return { tone: 'warn', headline: t('1 voter: tolerates no failures'), details };
  }
  if (n === 2) {
    const details = [t('Both must be running. Add a third master to tolerate one failure.')];
    return { tone: 'warn', headline: t('2 voters: tolerates no failures, worse than 1 voter'), details };
  }
  const headline = spare === 1 ? t('{0} voters: any 1 can fail', n) : t('{0} voters: any {1} can fail', n, spare);
  const even = n % 2 === 0 ? [t('Tolerates no more failures than {0} voters.', n - 1)] : [];
  const { tone, text } = zoneWords(speaker, voters, spare);
  return { tone, headline, details: [...even, text] };
};

const zoneWords = ({ t }: Speaker, voters: readonly MasterStatus[], spare: number): Fact => {
  const zones = Map.groupBy(voters, (m) => m.zone);
  const [worst, held] = [...zones].map(([z, ms]) => [z, ms.length] as const).sort((a, b) => b[1] - a[1])[0] ?? ['', 0];
  if (held <= spare) return { tone: 'good', text: t('Tolerates the loss of any one zone.') };
  return { tone: 'warn', text: t('{0} holds {1} of {2} voters: losing it breaks quorum.', worst, held, voters.length) };
};

const learnerWords = ({ t }: Speaker, learners: readonly MasterStatus[]): string[] => {
  const [first] = learners;
  if (first === undefined) return [];
  return [
    learners.length === 1
      ? t('{0} is a learner: it does not vote yet.', first.name)
      : t('{0} learners do not vote yet.', learners.length),
  ];
};
