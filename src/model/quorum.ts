import { plural } from '../lib/text.ts';

/**
 * Smallest number of voters that must respond for etcd to accept a write. Two voters need both: a two-master cluster is
 * *less* available than a single master, hence the warning in the plan.
 */
export const quorum = (voters: number): number => Math.floor(voters / 2) + 1;

/** How many voters can fail at once without stopping writes. */
export const tolerated = (voters: number): number => Math.max(0, voters - quorum(voters));

/** The fault tolerance in words, for trees and reports. */
export const quorumWords = (voters: number): string => {
  const n = tolerated(voters);
  return `${plural(voters, 'master')} · tolerates ${n === 0 ? 'no failures' : plural(n, 'failure')}`;
};

/** More masters slow down every write for no benefit: etcd's FAQ recommends at most seven, and three zones need three. */
export const maxMasters = 5;

const members = (voters: number): string => `${plural(voters, 'master')} (quorum ${quorum(voters)})`;

/** Warnings before creating this many masters; an even number tolerates no more failures than one fewer. */
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
