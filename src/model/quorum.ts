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
  return `${plural(voters, 'master')} · tolerates ${n === 0 ? 'no failures' : plural(n, 'failure')}`;
};

/** More masters than these slow every write down without a use: etcd's FAQ advises at most seven, three zones need three. */
export const maxMasters = 5;

const members = (voters: number): string => `${plural(voters, 'master')} (quorum ${quorum(voters)})`;

/** What a person should know of a number of masters before it is made; even numbers tolerate no more than one less. */
export const masterWarnings = (voters: number): string[] => {
  const [n, less] = [tolerated(voters), tolerated(voters - 1)];
  if (voters === 2)
    return [
      `2 masters tolerate no failures: quorum is 2, so losing either one stops writes. Add a third master (or go back to 1).`,
    ];
  if (voters > 3 && voters % 2 === 0)
    return [`${members(voters)} tolerate ${plural(n, 'failure')}, no more than ${members(voters - 1)} (${less}).`];
  return [];
};
