import type { Session } from '../compose.ts';
import { choice, flag, text, type Names, type Option } from '../model/option.ts';
import type { Help } from '../verbs/verb.ts';
import type { Terminal } from './terminal.ts';
import type { Arguments } from './arguments.ts';

/** A command of the command line: parsing, help, and completion are drawn from it. */
export interface Command extends Help {
  /** What comes after its words. */
  readonly rest?: Rest;
  /** Beside those that every command knows. */
  readonly options: readonly Option[];
  /** Works on the cloud that is chosen. */
  readonly inCloud?: (s: Session, t: Terminal, w: Arguments) => Promise<void>;
  /** Needs no cloud, or chooses one of its own. */
  readonly run?: (t: Terminal, w: Arguments) => Promise<void> | void;
}

/** A word after the command's own. */
export interface Rest {
  /** `NAME`; in brackets where it may be left out. */
  readonly value: string;
  readonly names?: Names;
}

/** How an option is written: in one letter where it has one, and in full. */
export const spellings = ({ flag: name, short }: Option): string[] => [
  ...(short === undefined ? [] : [`-${short}`]),
  `--${name}`,
];

/** Options that every command knows. */
export const everywhere: readonly Option[] = [
  { ...text('cluster', 'NAME', 'cluster name', 'kubernetes'), names: 'clusters' },
  text('project', 'P', 'Google Cloud project', 'from the environment, gcloud, or the credentials'),
  text('region', 'R', 'region, if two clusters have the same name'),
  text('endpoint', 'URL', 'use the emulator at this loopback address instead of Google Cloud', 'TRIZONE_ENDPOINT'),
  flag('json', 'print one JSON document to stdout'),
  flag('no-color', 'disable colors; same as setting NO_COLOR'),
  flag('help', 'show this help'),
  flag('version', 'show the version'),
];

/** Options of whatever changes a cluster. */
export const applying: readonly Option[] = [
  flag('plan', 'show the plan without applying it'),
  flag('details', 'show every step of the plan with the equivalent gcloud command'),
  flag('verbose', 'show output from the instances during the run'),
  flag('yes', 'do not ask for confirmation'),
  flag('take-over', 'take the lease from a dead run'),
];

/** How a list is shown. */
export const listing: Option = {
  ...choice('output', ['table', 'json'], 'output format; json is the same as --json', 'table'),
  short: 'o',
};
