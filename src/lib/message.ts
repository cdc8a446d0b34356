/** A sentence and its arguments: `text` is English with placeholders {0}, {1} … and the key of its translations. */
export interface Message {
  readonly text: string;
  readonly names: readonly (string | number)[];
}

/** Creates a message. */
export const message = (text: string, ...names: (string | number)[]): Message => ({ text, names });

/** Fills in the placeholders of a text; a placeholder without a value stays as it is. */
export const filled = (text: string, names: readonly (string | number | boolean)[]): string =>
  text.replaceAll(/\{(\d+)\}/g, (place, index: string) => String(names[Number(index)] ?? place));

/** A message in English. */
export const english = ({ text, names }: Message): string => filled(text, names);
