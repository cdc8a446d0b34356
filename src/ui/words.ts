import { tolerated } from '../model/quorum.ts';
import { daysLeft, endSoon } from '../model/certificates.ts';
import type { ClusterStatus, MasterStatus } from '../model/clusterStatus.ts';
import type { RunRow, RunRowState } from './runRow.ts';
import type { Translate } from './translate.ts';

/** The user's language, clock, and time zone, passed in so that the same input gives the same text. */
export interface Speaker {
  readonly t: Translate;
  /** BCP 47, for example `zh-cn`. */
  readonly locale: string;
  /** IANA name; undefined: the computer's own. */
  readonly timeZone?: string | undefined;
  /** Wall time, milliseconds. */
  readonly now: number;
}

/** "10:41", with the date unless it is today. */
export const clockTime = (speaker: Speaker, at: number): string => {
  const zone = speaker.timeZone === undefined ? {} : { timeZone: speaker.timeZone };
  const day = new Intl.DateTimeFormat(speaker.locale, { ...zone, dateStyle: 'short' });
  const time = new Intl.DateTimeFormat(speaker.locale, {
    ...zone,
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  return day.format(at) === day.format(speaker.now) ? time.format(at) : `${day.format(at)} ${time.format(at)}`;
};

/** "1 master", "3 masters". */
export const masterCount = (t: Translate, n: number): string => (n === 1 ? t('1 master') : t('{0} masters', n));

/** "1 node", "3 nodes". */
export const nodeCount = (t: Translate, n: number): string => (n === 1 ? t('1 node') : t('{0} nodes', n));

/** Short text of what may fail. */
export const tolerance = (t: Translate, masters: number): string => {
  const n = tolerated(masters);
  if (n === 0) return t('tolerates no failures');
  return n === 1 ? t('tolerates 1 failure') : t('tolerates {0} failures', n);
};

/** A master's etcd role. */
export const etcdWord = (t: Translate, role: MasterStatus['etcd']): string =>
  ({
    leader: t('leader'),
    voter: t('voter'),
    learner: t('learner'),
    none: t('not an etcd member'),
    unknown: t('etcd unknown'),
  })[role];

/** A master's health behind the load balancer. */
export const backendWord = (t: Translate, backend: MasterStatus['backend']): string =>
  ({
    healthy: t('healthy'),
    unhealthy: t('unhealthy'),
    'not in the load balancer': t('not in the load balancer'),
  })[backend];

/** Readiness of a machine's Node. */
export const readyWord = (t: Translate, node: MasterStatus['node']): string =>
  ({ Ready: t('Ready'), NotReady: t('NotReady'), unknown: t('readiness unknown') })[node];

/** "certificates end in 12 days", if a master's certificates end within a month; undefined if no action is needed. */
export const certificatesWord = ({ t, now }: Speaker, { certificatesEnd: end }: MasterStatus): string | undefined => {
  if (end === undefined || !endSoon(end, now)) return undefined;
  const days = daysLeft(end, now);
  if (days < 0) return t('certificates have expired');
  return days === 1 ? t('certificates expire in 1 day') : t('certificates expire in {0} days', days);
};

/** Milliseconds as "12 s", "2 min 5 s", "3 h 20 min". */
export const timeWord = (t: Translate, ms: number): string => {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return t('{0} s', seconds);
  const minutes = Math.floor(seconds / 60);
  if (minutes >= 60) return t('{0} h {1} min', Math.floor(minutes / 60), minutes % 60);
  return seconds % 60 === 0 ? t('{0} min', minutes) : t('{0} min {1} s', minutes, seconds % 60);
};

/** Label of a run with its cluster. */
export const runLabel = (translate: Translate, { label, cluster }: Pick<RunRow, 'label' | 'cluster'>): string =>
  translate(label, cluster);

/** State of a run. */
export const runStateWord = (t: Translate, state: RunRowState): string =>
  ({
    planned: t('planned'),
    running: t('running'),
    elsewhere: t('running in another process'),
    interrupted: t('interrupted'),
    done: t('done'),
    failed: t('failed'),
    cancelled: t('cancelled'),
    undone: t('undone'),
    closed: t('closed'),
  })[state];

/** Nodes of all pools. */
export const nodesOf = (c: ClusterStatus): ClusterStatus['pools'][number]['nodes'] => c.pools.flatMap((p) => p.nodes);

/** The first few names, and the number of the others. */
export const someNames = ({ t }: Speaker, names: readonly string[], limit = 4): string =>
  names.length <= limit
    ? names.join(', ')
    : t('{0} and {1} more', names.slice(0, limit).join(', '), names.length - limit);
