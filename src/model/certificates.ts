import { plural } from '../lib/text.ts';

const day = 86_400_000;

/** Days of a master's certificates from which on somebody has to restart it, which renews them; kubeadm's are valid for 365. */
const careDays = 30;

/** Whole days until certificates end, less than 0 when they have; `end` and `now` in milliseconds since the epoch. */
export const daysLeft = (end: number, now: number): number => Math.floor((end - now) / day);

/** Whether certificates end within 30 days, or have ended. */
export const endSoon = (end: number, now: number): boolean => daysLeft(end, now) < careDays;

/** "certificates end in 12 days", "certificates have ended". */
export const certificateWords = (end: number, now: number): string => {
  const days = daysLeft(end, now);
  return `certificates ${days < 0 ? 'have expired' : `expire in ${plural(days, 'day')}`}`;
};
