import { remedyLine, type Remedy } from '../lib/remedy.ts';
import type { Translate } from './translate.ts';
import type { ItemTarget } from './views/item.ts';

/** Action of a remedy button: a palette command with its target, a page to open, or a line to copy. */
export type ButtonAction =
  { readonly command: string; readonly target: ItemTarget } | { readonly url: string } | { readonly copies: string };

/** A button for a remedy. */
export interface RemedyButton {
  readonly label: string;
  readonly action: ButtonAction;
}

/** A palette command and its button label. */
export interface PaletteCommand {
  readonly command: string;
  readonly button: string;
}

/** Palette commands that are not verbs, by the equivalent command line. */
const others = (t: Translate): Readonly<Record<string, PaletteCommand>> => ({
  'trizone status': { command: 'trizone.clusters.focus', button: t('Show Clusters') },
  'trizone runs --forget': { command: 'trizone.run.forget', button: t('Forget') },
  'trizone runs': { command: 'trizone.activity.focus', button: t('Show Runs') },
  'trizone resume': { command: 'trizone.run.resume', button: t('Resume') },
  'trizone undo': { command: 'trizone.run.undo', button: t('Undo') },
  'trizone validate': { command: 'trizone.cluster.validate', button: t('Validate') },
  'trizone emulator': { command: 'trizone.emulator.start', button: t('Start the Emulator') },
  'trizone emulator reset': { command: 'trizone.emulator.reset', button: t('Reset') },
  'trizone leftovers': { command: 'trizone.cluster.leftovers', button: t('Find Leftovers') },
  'gcloud auth application-default login': { command: 'trizone.google.signIn', button: t('Sign In to Google Cloud') },
});

/** The button for a remedy; undefined for a remedy of plain text. `paletteCommand` finds a verb by its words. */
export const remedyButton = (
  remedy: Remedy,
  t: Translate,
  paletteCommand: (words: string) => PaletteCommand | undefined,
): RemedyButton | undefined => {
  const line = remedyLine(remedy);
  if (line === undefined) return undefined;
  if (!('command' in remedy)) return { label: t('Open Page'), action: { url: line } };
  const commandWords = [remedy.command, ...remedy.arguments];
  const known = others(t);
  for (const length of [commandWords.length, 3, 2]) {
    const words = commandWords.slice(0, length);
    const found =
      known[words.join(' ')] ?? (remedy.command === 'trizone' ? paletteCommand(words.slice(1).join(' ')) : undefined);
    if (found !== undefined)
      return {
        label: found.button,
        action: { command: found.command, target: targetOf(commandWords.slice(length), words.at(-1)) },
      };
  }
  return { label: t('Copy Command'), action: { copies: line } };
};

// Placeholders (Z, NAME) are prompted for, like missing values.
const targetOf = (rest: readonly string[], last = ''): ItemTarget => {
  const real = (word: string | undefined): string | undefined =>
    word === undefined || /^[A-Z]+$/.test(word) ? undefined : word;
  const given = (option: string): string | undefined =>
    rest.includes(option) ? real(rest[rest.indexOf(option) + 1]) : undefined;
  const bare = real(
    rest.find((word, i) => !word.startsWith('--') && !(i > 0 && rest[i - 1]?.startsWith('--') === true)),
  );
  const isRun = last === 'resume' || last === 'undo' || last === '--forget';
  return Object.fromEntries(
    Object.entries({
      cluster: given('--cluster') ?? given('--yes-delete'),
      zone: given('--zone'),
      [isRun ? 'run' : 'name']: bare,
    }).filter(([, value]) => value !== undefined),
  );
};
