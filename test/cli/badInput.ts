import { runs } from './badRuns.ts';
import { emulator, places, unconfirmed, unwritable, words } from './badUse.ts';
import { exports, wishes } from './badWishes.ts';

/** One wrong use of the program, beside a cluster `kubernetes` in europe-west1-b with three nodes. */
export interface BadInput {
  readonly what: string;
  /** `$HOME` and `$ENDPOINT` are filled in. */
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** 2 wrong use, 3 refused by a guard, 1 failed with a named error. */
  readonly exit: 1 | 2 | 3;
  /** The error; the lines after it are the proposal. */
  readonly says: RegExp;
  /** What the proposal has to say. */
  readonly proposes?: RegExp;
  /** False where root is refused nothing. */
  readonly asRoot?: false;
}

/** The same in one line; the words are parted by blanks. */
export type Row = [what: string, words: string, exit: 1 | 2 | 3, says: RegExp, env?: Readonly<Record<string, string>>];

/** The table. */
export const rows: readonly BadInput[] = [
  ...[...words, ...wishes, ...places, ...emulator, ...runs, ...exports].map(([what, line, exit, says, env]) => ({
    ...{ what, args: line.split(' '), exit, says },
    ...(env === undefined ? {} : { env }),
  })),
  ...unwritable,
  ...unconfirmed,
];
