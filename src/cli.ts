import type { Command } from './cli/command.ts';
import { cliCommands } from './cli/commands.ts';
import { candidates, valueOf } from './cli/completion.ts';
import { printError } from './cli/failure.ts';
import { helpOf, helpText, helpWithin } from './cli/help.ts';
import { liveNames } from './cli/liveNames.ts';
import { inCloud } from './cli/session.ts';
import { processTerminal, type Terminal } from './cli/terminal.ts';
import { outputPreferences } from './cli/outputPreferences.ts';
import type { Arguments } from './cli/arguments.ts';
import { commandOf, parseCommandLine, type CommandLine } from './cli/parse.ts';
import { fileProblem } from './lib/folder.ts';
import { OperatorError } from './lib/operatorError.ts';
import { command, toRun } from './lib/remedy.ts';
import manifest from '../package.json' with { type: 'json' };

const perform = async (terminal: Terminal, words: CommandLine): Promise<void> => {
  const { command, verb } = words;
  if (verb === 'version') terminal.write(manifest.version);
  else if (command === undefined) terminal.write(help(words.rest));
  else if (command.inCloud !== undefined) await onCloud(terminal, words, command.inCloud);
  else await command.run?.(terminal, words);
};

const onCloud = (terminal: Terminal, words: Arguments, work: NonNullable<Command['inCloud']>): Promise<void> =>
  inCloud(terminal, words, (s) => work(s, terminal, words));

const help = (asked: readonly string[]): string => {
  const [first, second] = asked;
  if (first === undefined) return helpText(cliCommands);
  const within = cliCommands.filter((c) => c.words.startsWith(`${first} `));
  const isOne = second !== undefined || within.length === 0;
  return isOne
    ? helpOf(commandOf(asked, cliCommands))
    : helpWithin(first, [...cliCommands.filter((c) => c.words === first), ...within]);
};

// Called by the shell's completion script at every Tab. Exits without waiting for pending requests.
const complete = async (terminal: Terminal, typed: readonly string[]): Promise<never> => {
  const words = { text: (option: string) => valueOf({ flag: option }, typed) };
  for (const word of await candidates(typed, cliCommands, liveNames(terminal, words))) terminal.out(`${word}\n`);
  process.exit(0);
};

const main = async (): Promise<number> => {
  const argv = process.argv.slice(2);
  const t = processTerminal(outputPreferences(argv, process.env, cliCommands));
  if (argv[0] === '__complete') return complete(t, argv.slice(1));
  try {
    await perform(t, parseCommandLine(argv, cliCommands));
    const lost = t.lost();
    if (lost !== undefined)
      throw new OperatorError('disk', `Cannot write the result: ${fileProblem(lost)}`, {
        remedy: toRun(
          'The command itself succeeded. Write the result to a disk with free space, or run',
          command`trizone status`,
        ),
      });
    return 0;
  } catch (error) {
    return printError(t, error);
  }
};

void main().then((code) => {
  process.exitCode = code;
});
