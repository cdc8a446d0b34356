import { parseArgs, type ParseArgsConfig } from 'node:util';
import { invalid, type OperatorError } from '../lib/operatorError.ts';
import { command, toRun, type Remedy } from '../lib/remedy.ts';
import type { Option } from '../model/option.ts';
import type { Arguments } from './arguments.ts';
import { everywhere, type Command } from './command.ts';
import { nearest } from './nearest.ts';

/** A command line, parsed. */
export interface CommandLine extends Arguments {
  /** Undefined: `help` or `version`. */
  readonly command: Command | undefined;
}

/** Parses the command line; for an unknown word, the error proposes the nearest known one. */
export const parseCommandLine = (argv: readonly string[], commands: readonly Command[]): CommandLine => {
  const { values, positionals } = parse(argv, commands);
  const base = {
    text: (o: string) => (values[o] === true ? '' : typeof values[o] === 'string' ? values[o] : undefined),
    flag: (o: string) => values[o] === true,
  };
  if (base.flag('version') || positionals[0] === 'version')
    return { ...base, command: undefined, verb: 'version', rest: [] };
  const asked = positionals[0] === 'help' ? positionals.slice(1) : positionals;
  const wantsHelp = positionals[0] === 'help' || base.flag('help') || asked.length === 0;
  if (wantsHelp) return { ...base, command: undefined, verb: 'help', rest: asked };
  const command = commandOf(asked, commands);
  checkOptions(command, values);
  const rest = asked.slice(command.words.split(' ').length);
  if (rest.length > (command.rest?.value.split(' ').length ?? 0))
    throw invalid(`Unexpected arguments after ${command.words}: ${rest.join(' ')}`, helpOf(command));
  return { ...base, command, verb: command.words, rest };
};

const help = toRun('See', command`trizone help`);

const helpOf = ({ words }: Command): Remedy => toRun('See', command`trizone ${words.split(' ')} --help`);

/** The command named by the first words, preferring the longer match; undefined if there is none. */
export const commandNamed = (asked: readonly string[], commands: readonly Command[]): Command | undefined =>
  commands.find((c) => c.words === asked.slice(0, 2).join(' ')) ?? commands.find((c) => c.words === asked[0]);

/** The same, but throws for an unknown command and proposes the nearest one. */
export const commandOf = (asked: readonly string[], commands: readonly Command[]): Command => {
  const found = commandNamed(asked, commands);
  if (found !== undefined) return found;
  const [first = '', second] = asked;
  const within = commands.map((c) => c.words).filter((words) => words.startsWith(`${first} `));
  if (within.length > 0) {
    const next = within.map((words) => words.slice(first.length + 1));
    if (second === undefined)
      throw invalid(`${first} needs a subcommand: ${next.join(', ')}`, `For example: trizone ${within[0] ?? ''}`);
    throw invalid(`Unknown command: ${first} ${second}`, [
      { text: `Did you mean ${first} ${nearest(second, next)}?` },
      help,
    ]);
  }
  const known = [...new Set(commands.map((c) => c.words.split(' ')[0] ?? ''))];
  throw invalid(`Unknown command: ${first}`, [{ text: `Did you mean ${nearest(first, known)}?` }, help]);
};

type Table = NonNullable<ParseArgsConfig['options']>;

const tableOf = (commands: readonly Command[]): Table =>
  Object.fromEntries(
    [...everywhere, ...commands.flatMap((c) => c.options)].map((option) => [
      option.flag,
      {
        type: option.value === undefined ? 'boolean' : 'string',
        ...(option.short === undefined ? {} : { short: option.short }),
      },
    ]),
  );

const parse = (argv: readonly string[], commands: readonly Command[]) => {
  const options = tableOf(commands);
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true, strict: true });
  } catch (error) {
    throw notUnderstood(error instanceof Error ? error.message : String(error), options);
  }
};

// Node's messages contain the option as typed, or its correct spelling.
const notUnderstood = (message: string, options: Table): OperatorError => {
  const typed = /'(?:-\w, )?(-[^' ]+)/.exec(message)?.[1] ?? '';
  const name = typed.replace(/^-+/, '');
  const known = Object.hasOwn(options, name) ? options[name] : undefined;
  if (known === undefined) {
    const proposal = [{ text: `Did you mean --${nearest(name, Object.keys(options))}?` }, help];
    return invalid(`Unknown option: ${typed}`, typed.startsWith('--') ? proposal : help);
  }
  return known.type === 'string'
    ? invalid(`Option needs a value: ${typed}`, `Use ${typed}=VALUE`)
    : invalid(`Option takes no value: ${typed}`, `Use ${typed} without a value.`);
};

const checkOptions = (command: Command, given: Readonly<Record<string, unknown>>): void => {
  const known = [...everywhere, ...command.options].map((o) => o.flag);
  const strange = Object.keys(given).find((o) => !known.includes(o));
  if (strange !== undefined)
    throw invalid(
      `${command.words} does not accept --${strange}`,
      `It accepts: ${known.map((o) => `--${o}`).join(' ')}`,
    );
  const empty = Object.keys(given).find((o) => given[o] === '');
  if (empty !== undefined) throw invalid(`Option needs a value: --${empty}`, `Use --${empty}=VALUE, or omit it.`);
  for (const option of command.options) if (option.choices !== undefined) readChoice(option, given[option.flag]);
};

const readChoice = (option: Option, given: unknown): unknown =>
  typeof given === 'string' ? option.read(given) : undefined;
