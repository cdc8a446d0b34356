import { plural } from '../lib/text.ts';

/**
 * Smallest number of voters that must answer for etcd to accept a write. Two need two: a two-master cluster is *less*
 * available than one master, hence the warning in the plan.
 */
export const quorum = (voters: number): number => Math.floor(voters / 2) + 1;

/** How many voters may fail at once without stopping writes. */
export const tolerated = (voters: number): number => Math.max(0, voters - quorum(voters));

/** The state of quorum in words for trees and reports. */
export const quorumWords = (voters: number): string => {
  const n = tolerated(voters);
  return `${plural(voters, 'master')} · tolerates ${n === 0 ? 'no failure' : plural(n, 'failure')}`;
};
