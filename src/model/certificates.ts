import { plural } from '../lib/text.ts';

const day = 86_400_000;

/**
 * A master must be restarted, which renews its certificates, once they expire within this many days; kubeadm's are
 * valid for 365.
 */
const careDays = 30;

/** Whole days until certificates expire, negative once expired; `end` and `now` in milliseconds since the epoch. */
export const daysLeft = (end: number, now: number): number => Math.floor((end - now) / day);

/** Whether certificates have expired or expire within 30 days. */
export const endSoon = (end: number, now: number): boolean => daysLeft(end, now) < careDays;

/** "certificates expire in 12 days", "certificates have expired". */
export const certificateWords = (end: number, now: number): string => {
  const days = daysLeft(end, now);
  return `certificates ${days < 0 ? 'have expired' : `expire in ${plural(days, 'day')}`}`;
};
