import { shellWord } from './shellWord.ts';

/**
 * One thing that can be done about an error: in words, by a command, or on a page. Words beside a command or a page lead to it: "Tear
 * the cluster down instead". A front end decides how it offers it: as a line to paste, or as a button.
 */
export type Remedy =
  | { readonly text: string }
  | { readonly text?: string; readonly command: string; readonly arguments: readonly string[] }
  | { readonly text?: string; readonly url: string };

/** How whoever throws an error gives them, in their order; a text stands for itself. */
export type Remedies = string | Remedy | readonly Remedy[];

/**
 * Words of a command line, by its text: blanks outside of `${}` separate them, and what is filled in is one word, or several if it is
 * a list.
 */
export const command = (text: TemplateStringsArray, ...filled: readonly (string | readonly string[])[]): string[] => {
  const words = text.raw[0]?.split(' ') ?? [];
  filled.forEach((value, count) => {
    const [first = '', ...more] = [value].flat();
    const [rest = '', ...next] = text.raw[count + 1]?.split(' ') ?? [];
    words.push(`${words.pop() ?? ''}${first}`, ...more);
    words.push(`${words.pop() ?? ''}${rest}`, ...next);
  });
  return words;
};

/** By a command; the text leads to it. */
export const toRun = (text: string, [program = '', ...words]: readonly string[]): Remedy => ({
  ...(text === '' ? {} : { text }),
  command: program,
  arguments: words,
});

/** On a page; the words lead to it. */
export const toVisit = (text: string, url: string): Remedy => ({ text, url });

/** Each of them; an empty text is none. */
export const remediesOf = (given: Remedies | undefined): readonly Remedy[] => {
  if (typeof given === 'string') return given === '' ? [] : [{ text: given }];
  return given === undefined ? [] : 'at' in given ? given : [given];
};

/** The line to paste, or the address; undefined where it is words alone. */
export const remedyLine = (remedy: Remedy): string | undefined => {
  if ('command' in remedy) return [remedy.command, ...remedy.arguments.map(shellWord)].join(' ');
  return 'url' in remedy ? remedy.url : undefined;
};

const sentence = (remedy: Remedy): string => {
  const line = remedyLine(remedy);
  return [...(remedy.text === undefined ? [] : [remedy.text]), ...(line === undefined ? [] : [line])].join(': ');
};

// A second command goes on in the same sentence, and so do words that begin with a small letter.
const joint = (before: string, { text }: Remedy): string => {
  if (text === undefined || /^[a-z]/.test(text)) return ', ';
  return /[.?]$/.test(before) ? ' ' : '. ';
};

/** All of them in one line, as logs, journals and reports have it; undefined where there is none. */
export const remedyText = (remedies: readonly Remedy[]): string | undefined =>
  remedies.length === 0
    ? undefined
    : remedies.reduce(
        (sentences, r) => (sentences === '' ? sentence(r) : `${sentences}${joint(sentences, r)}${sentence(r)}`),
        '',
      );
