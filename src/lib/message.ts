/** A sentence with its names apart: `text` is English, with {0}, {1} … for the names, and the key of its translations. */
export interface Message {
  readonly text: string;
  readonly names: readonly (string | number)[];
}

/** A message. */
export const message = (text: string, ...names: (string | number)[]): Message => ({ text, names });

/** A text with its names in their places; a place without a name stays as it is. */
export const filled = (text: string, names: readonly (string | number | boolean)[]): string =>
  text.replaceAll(/\{(\d+)\}/g, (place, index: string) => String(names[Number(index)] ?? place));

/** A message in English. */
export const english = ({ text, names }: Message): string => filled(text, names);
