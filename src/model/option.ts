import { invalid } from '../lib/operatorError.ts';

/** Names that completion can ask for. */
export type LiveNames = 'clusters' | 'zones' | 'pools' | 'masters' | 'nodes' | 'runs' | 'files';

/** How one part of a request is given on the command line; the help and completion are drawn from it. */
export interface Option<T = unknown> {
  /** `nodes` for `--nodes`. */
  readonly flag: string;
  /** `o` for `-o`, the same in one letter. */
  readonly short?: string;
  /** What stands for its value in the help; undefined: the flag alone says it. */
  readonly value?: string;
  /** One line: what it means. */
  readonly means: string;
  /** What holds where it is not given, in words. */
  readonly otherwise?: string;
  /** Environment variable that stands in for it, unless the option `unless` is given. */
  readonly env?: { readonly name: string; readonly unless?: string };
  /** Refused where it is missing. */
  readonly required?: boolean;
  /** What completion proposes for its value. */
  readonly names?: LiveNames;
  /** The only values that it takes. */
  readonly choices?: readonly string[];
  /** Its value from the text; a flag alone gives an empty one. Refuses a wrong one with the rule and an example. */
  read(text: string): T;
}

/** The same option, which must be given. */
export const required = <T>(option: Option<T>): Option<T> => ({ ...option, required: true });

/** A text as it stands. */
export const textOption = (flag: string, value: string, means: string, otherwise?: string): Option<string> => ({
  ...{ flag, value, means, read: (given: string) => given },
  ...(otherwise === undefined ? {} : { otherwise }),
});

/** A zone. */
export const zoneOption = (means: string, otherwise?: string): Option<string> => ({
  ...textOption('zone', 'ZONE', means, otherwise),
  names: 'zones',
});

/** Several zones. */
export const zonesOption = (means: string, otherwise?: string): Option<string[]> => ({
  ...list('zones', 'ZONE,ZONE', means, otherwise),
  names: 'zones',
});

/** Several, with commas between them. */
export const list = (flag: string, value: string, means: string, otherwise?: string): Option<string[]> => ({
  ...textOption(flag, value, means, otherwise),
  read: (given) => given.split(','),
});

/** True where the flag stands. */
export const booleanOption = (name: string, means: string): Option<boolean> => ({
  flag: name,
  means,
  read: () => true,
});

/** A whole number. */
export const wholeNumber = (name: string, value: string, means: string, otherwise?: string): Option<number> => ({
  ...textOption(name, value, means, otherwise),
  read: (given) => {
    if (/^\d{1,9}$/.test(given)) return Number(given);
    throw invalid(`--${name} must be a whole number: ${given}`, `For example: --${name} 3`);
  },
});

/** One of a few words. */
export const choice = <T extends string>(
  name: string,
  choices: readonly T[],
  means: string,
  otherwise: T,
): Option<T> => ({
  ...{ flag: name, value: choices.join('|'), means, otherwise, choices },
  read: (given) => {
    const found = choices.find((word) => word === given);
    if (found !== undefined) return found;
    throw invalid(`--${name} must be ${choices.join(' or ')}: ${given}`, `For example: --${name} ${otherwise}`);
  },
});
