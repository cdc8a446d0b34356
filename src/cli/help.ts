import type { Option } from '../model/option.ts';
import { groups } from '../verbs/verb.ts';
import { everywhere, spellings, type Command } from './command.ts';

const exitCodes = 'Exit codes: 0 success, 1 failure, 2 invalid usage, 3 refused by a guard, 130 cancelled.';

/** `trizone help`: every command, in groups. */
export const helpText = (commands: readonly Command[]): string =>
  [
    'trizone: highly available, self-managed Kubernetes on Google Compute Engine',
    ...groups.flatMap((group) => {
      const own = commands.filter((c) => c.group === group);
      return own.length === 0 ? [] : ['', group, ...own.map(row)];
    }),
    '',
    'For help on a command: trizone COMMAND --help. Every command accepts: --cluster, --project, --region, --endpoint, --json, --no-color.',
    exitCodes,
  ].join('\n');

const row = (c: Command): string => `  ${usageWords(c).padEnd(24)} ${c.does}`;

const usageWords = ({ words, rest }: Command): string => (rest === undefined ? words : `${words} ${rest.value}`);

/** `trizone help pool`: the commands that start with a word. */
export const helpWithin = (word: string, commands: readonly Command[]): string =>
  [`trizone ${word}`, '', ...commands.map(row), '', `For help on a command: trizone ${word} … --help`].join('\n');

/** `trizone VERB --help` */
export const helpOf = (command: Command): string => {
  const own = command.options.map(optionRow);
  const common = everywhere.map(optionRow);
  const width = Math.max(...[...own, ...common].map(([name]) => name.length)) + 2;
  const rows = (of: readonly (readonly [string, string])[]): string[] =>
    of.map(([name, means]) => `  ${name.padEnd(width)}${means}`);
  return [
    `trizone ${command.words}: ${command.does}`,
    '',
    `Usage: trizone ${usageWords(command)}${own.length === 0 ? '' : ' [options]'}`,
    ...(own.length === 0 ? [] : ['', 'Options:', ...rows(own)]),
    '',
    'Global options:',
    ...rows(common),
    '',
    'Examples:',
    ...command.examples.map((line) => `  ${line}`),
    ...(command.never === undefined ? [] : ['', command.never]),
  ].join('\n');
};

const optionRow = (option: Option): readonly [string, string] => {
  const name = `${spellings(option).join(', ')}${option.value === undefined ? '' : ` ${option.value}`}`;
  const need =
    option.required === true ? ' (required)' : option.otherwise === undefined ? '' : ` (default: ${option.otherwise})`;
  return [name, `${option.means}${need}`];
};
