import type { Session } from '../compose.ts';
import { choice, booleanOption, textOption, type LiveNames, type Option } from '../model/option.ts';
import type { Help } from '../verbs/verb.ts';
import type { Terminal } from './terminal.ts';
import type { Arguments } from './arguments.ts';

/** A command of the command line: parsing, help, and completion are derived from it. */
export interface Command extends Help {
  /** The positional argument after its words. */
  readonly rest?: PositionalArgument;
  /** Options besides the common ones. */
  readonly options: readonly Option[];
  /** Runs against the selected cloud. */
  readonly inCloud?: (s: Session, t: Terminal, w: Arguments) => Promise<void>;
  /** Runs without a cloud, or selects one itself. */
  readonly run?: (t: Terminal, w: Arguments) => Promise<void> | void;
}

/** A positional argument after the command's words. */
export interface PositionalArgument {
  /** `NAME`; in brackets if optional. */
  readonly value: string;
  readonly names?: LiveNames;
}

/** The spellings of an option: its one-letter form, if any, and its full form. */
export const spellings = ({ flag: name, short }: Option): string[] => [
  ...(short === undefined ? [] : [`-${short}`]),
  `--${name}`,
];

/** Options of every command. */
export const everywhere: readonly Option[] = [
  { ...textOption('cluster', 'NAME', 'cluster name', 'kubernetes'), names: 'clusters' },
  textOption('project', 'P', 'Google Cloud project', 'from the environment, gcloud, or the credentials'),
  textOption('region', 'R', 'region, if two clusters have the same name'),
  textOption(
    'endpoint',
    'URL',
    'use the emulator at this loopback address instead of Google Cloud',
    'TRIZONE_ENDPOINT',
  ),
  booleanOption('json', 'print one JSON document to stdout'),
  booleanOption('no-color', 'disable colors; same as setting NO_COLOR'),
  booleanOption('help', 'show this help'),
  booleanOption('version', 'show the version'),
];

/** Options of every command that changes a cluster. */
export const applying: readonly Option[] = [
  booleanOption('plan', 'show the plan without applying it'),
  booleanOption('details', 'show every step of the plan with the equivalent gcloud command'),
  booleanOption('verbose', 'show output from the instances during the run'),
  booleanOption('yes', 'do not ask for confirmation'),
  booleanOption('take-over', 'take the lease from a dead run'),
];

/** The format of a list. */
export const listing: Option = {
  ...choice('output', ['table', 'json'], 'output format; json is the same as --json', 'table'),
  short: 'o',
};
