import { shellWord } from './shellWord.ts';

/**
 * One way to fix an error: in words, by a command, or on a page. Words beside a command or a page introduce it: "Tear
 * the cluster down instead". The front end decides how to show it: as a line to paste or as a button.
 */
export type Remedy =
  | { readonly text: string }
  | { readonly text?: string; readonly command: string; readonly arguments: readonly string[] }
  | { readonly text?: string; readonly url: string };

/** Remedies as passed by whoever throws an error, in order; a string is a remedy in words. */
export type Remedies = string | Remedy | readonly Remedy[];

/**
 * Builds the words of a command line from a template: spaces outside `${}` separate words; each inserted value is one
 * word, or several if it is a list.
 */
export const command = (text: TemplateStringsArray, ...filled: readonly (string | readonly string[])[]): string[] => {
  const words = text.raw[0]?.split(' ') ?? [];
  filled.forEach((value, index) => {
    const [first = '', ...more] = [value].flat();
    const [rest = '', ...next] = text.raw[index + 1]?.split(' ') ?? [];
    words.push(`${words.pop() ?? ''}${first}`, ...more);
    words.push(`${words.pop() ?? ''}${rest}`, ...next);
  });
  return words;
};

/** A command as a remedy; the text introduces it. */
export const toRun = (text: string, [program = '', ...words]: readonly string[]): Remedy => ({
  ...(text === '' ? {} : { text }),
  command: program,
  arguments: words,
});

/** A page as a remedy; the text introduces it. */
export const toVisit = (text: string, url: string): Remedy => ({ text, url });

/** The remedies as a list; an empty text yields none. */
export const remediesOf = (given: Remedies | undefined): readonly Remedy[] => {
  if (typeof given === 'string') return given === '' ? [] : [{ text: given }];
  return given === undefined ? [] : 'at' in given ? given : [given];
};

/** The line to paste, or the URL; undefined for words alone. */
export const remedyLine = (remedy: Remedy): string | undefined => {
  if ('command' in remedy) return [remedy.command, ...remedy.arguments.map(shellWord)].join(' ');
  return 'url' in remedy ? remedy.url : undefined;
};

const sentence = (remedy: Remedy): string => {
  const line = remedyLine(remedy);
  return [...(remedy.text === undefined ? [] : [remedy.text]), ...(line === undefined ? [] : [line])].join(': ');
};

// A second command continues the same sentence, and so do words that begin with a lowercase letter.
const joint = (before: string, { text }: Remedy): string => {
  if (text === undefined || /^[a-z]/.test(text)) return ', ';
  return /[.?]$/.test(before) ? ' ' : '. ';
};

/** All remedies in one line, as in logs, journals, and reports; undefined if there are none. */
export const remedyText = (remedies: readonly Remedy[]): string | undefined =>
  remedies.length === 0
    ? undefined
    : remedies.reduce(
        (sentences, r) => (sentences === '' ? sentence(r) : `${sentences}${joint(sentences, r)}${sentence(r)}`),
        '',
      );
