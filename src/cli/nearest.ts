/** The word with the smallest edit distance. */
export const nearest = (typed: string, known: readonly string[]): string =>
  known.reduce((best, word) => (distance(typed, word) < distance(typed, best) ? word : best), known[0] ?? '');

const distance = (text: string, name: string): number => {
  let row = Array.from({ length: name.length + 1 }, (_, i) => i);
  for (let i = 1; i <= text.length; i++) {
    const next = [i];
    for (let j = 1; j <= name.length; j++) {
      const swap = (row[j - 1] ?? 0) + (text[i - 1] === name[j - 1] ? 0 : 1);
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, swap));
    }
    row = next;
  }
  return row[name.length] ?? 0;
};
