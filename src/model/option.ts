import { invalid } from '../lib/operatorError.ts';

/** Kinds of names that completion looks up. */
export type LiveNames = 'clusters' | 'zones' | 'pools' | 'masters' | 'nodes' | 'runs' | 'files';

/** How one part of a request is passed on the command line; help and completion are generated from it. */
export interface Option<T = unknown> {
  /** `nodes` for `--nodes`. */
  readonly flag: string;
  /** `o` for `-o`, the one-letter form. */
  readonly short?: string;
  /** Placeholder for its value in the help; undefined for a flag without a value. */
  readonly value?: string;
  /** One line: its meaning. */
  readonly means: string;
  /** The default, in words. */
  readonly otherwise?: string;
  /** Environment variable used if the option is missing, unless the option `unless` is used. */
  readonly env?: { readonly name: string; readonly unless?: string };
  /** An error if missing. */
  readonly required?: boolean;
  /** What completion proposes as its value. */
  readonly names?: LiveNames;
  /** The only accepted values. */
  readonly choices?: readonly string[];
  /** Parses its value; a bare flag passes an empty text. Rejects an invalid one with the rule and an example. */
  read(text: string): T;
}

/** The same option, but required. */
export const required = <T>(option: Option<T>): Option<T> => ({ ...option, required: true });

/** An option whose value is any text. */
export const textOption = (flag: string, value: string, means: string, otherwise?: string): Option<string> => ({
  ...{ flag, value, means, read: (given: string) => given },
  ...(otherwise === undefined ? {} : { otherwise }),
});

/** An option for a zone. */
export const zoneOption = (means: string, otherwise?: string): Option<string> => ({
  ...textOption('zone', 'ZONE', means, otherwise),
  names: 'zones',
});

/** An option for several zones. */
export const zonesOption = (means: string, otherwise?: string): Option<string[]> => ({
  ...list('zones', 'ZONE,ZONE', means, otherwise),
  names: 'zones',
});

/** An option for several comma-separated values. */
export const list = (flag: string, value: string, means: string, otherwise?: string): Option<string[]> => ({
  ...textOption(flag, value, means, otherwise),
  read: (given) => given.split(','),
});

/** A flag without a value. */
export const booleanOption = (name: string, means: string): Option<boolean> => ({
  flag: name,
  means,
  read: () => true,
});

/** An option for a whole number. */
export const wholeNumber = (name: string, value: string, means: string, otherwise?: string): Option<number> => ({
  ...textOption(name, value, means, otherwise),
  read: (given) => {
    if (/^\d{1,9}$/.test(given)) return Number(given);
    throw invalid(`--${name} must be a whole number: ${given}`, `For example: --${name} 3`);
  },
});

/** An option with a few fixed values. */
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
