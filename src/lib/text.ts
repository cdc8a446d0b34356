/** "1 node", "3 nodes"; for nouns with a plural in -s. */
export const plural = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`;
