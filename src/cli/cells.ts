import { stripVTControlCharacters } from 'node:util';
import stringWidth from 'string-width';

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** Removes line breaks and control sequences: machine output may contain anything. */
export const plainLine = (text: string): string => stripVTControlCharacters(text).replaceAll(/\p{Cc}+/gu, ' ');

/** Truncates plain text to a number of terminal columns, with an ellipsis if it was cut. */
export const cut = (text: string, columns: number): string => {
  if (stringWidth(text) <= columns) return text;
  return columns < 1 ? '' : `${fitting(parts(text), columns - 1)}…`;
};

/** The same, but truncates in the middle: the ends of zone and machine names are significant. */
export const cutMiddle = (text: string, columns: number): string => {
  if (stringWidth(text) <= columns) return text;
  if (columns < 1) return '';
  const head = fitting(parts(text), Math.floor((columns - 1) / 2));
  const tail = fitting(parts(text).reverse(), columns - 1 - stringWidth(head));
  return `${head}…${parts(tail).reverse().join('')}`;
};

const parts = (text: string): string[] => [...graphemes.segment(text)].map(({ segment }) => segment);

const fitting = (segments: readonly string[], columns: number): string => {
  let [kept, left] = ['', columns];
  for (const segment of segments) {
    left -= stringWidth(segment);
    if (left < 0) break;
    kept += segment;
  }
  return kept;
};

/** Pads a text with spaces; `end` aligns it right. */
export const padded = (text: string, columns: number, end = false): string => {
  const blanks = ' '.repeat(Math.max(0, columns - stringWidth(text)));
  return end ? blanks + text : text + blanks;
};

/** Width in columns of the widest text. */
export const widest = (texts: readonly string[]): number => Math.max(0, ...texts.map((text) => stringWidth(text)));

/** A table: rows under headings, each column as wide as its widest cell. */
export const columns = (headings: readonly string[], rows: readonly (readonly string[])[]): string[] => {
  const all = [headings, ...rows];
  const widths = headings.map((_, i) => widest(all.map((row) => row[i] ?? '')));
  return all.map((row) =>
    row
      .map((cell, i) => padded(cell, widths[i] ?? 0))
      .join('  ')
      .trimEnd(),
  );
};
