import type { Translate } from '../translate.ts';

/** How the view speaks: language, clock and zone of the person, given in so that the same input gives the same words. */
export interface Speaker {
  readonly t: Translate;
  /** BCP 47, for example `zh-cn`. */
  readonly locale: string;
  /** IANA name; undefined: the computer's. */
  readonly timeZone?: string | undefined;
  /** Wall time, milliseconds. */
  readonly now: number;
}

/** "10:41", or with its date where that is not today's. */
export const clockTime = (s: Speaker, at: number): string => {
  const zone = s.timeZone === undefined ? {} : { timeZone: s.timeZone };
  const day = new Intl.DateTimeFormat(s.locale, { ...zone, dateStyle: 'short' });
  const time = new Intl.DateTimeFormat(s.locale, { ...zone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  return day.format(at) === day.format(s.now) ? time.format(at) : `${day.format(at)} ${time.format(at)}`;
};

/** "12 s", "2 min 5 s", "3 h 20 min" of milliseconds. */
export const duration = ({ t }: Speaker, ms: number): string => {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return t('{0} s', seconds);
  const minutes = Math.floor(seconds / 60);
  if (minutes >= 60) return t('{0} h {1} min', Math.floor(minutes / 60), minutes % 60);
  return seconds % 60 === 0 ? t('{0} min', minutes) : t('{0} min {1} s', minutes, seconds % 60);
};

/** "1 master", "3 masters". */
export const masterCount = ({ t }: Speaker, n: number): string => (n === 1 ? t('1 master') : t('{0} masters', n));

/** "1 node", "3 nodes". */
export const nodeCount = ({ t }: Speaker, n: number): string => (n === 1 ? t('1 node') : t('{0} nodes', n));

/** The first few names, and how many more there are. */
export const someNames = ({ t }: Speaker, names: readonly string[], limit = 4): string =>
  names.length <= limit
    ? names.join(', ')
    : t('{0} and {1} more', names.slice(0, limit).join(', '), names.length - limit);
