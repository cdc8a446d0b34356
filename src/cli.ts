import type { Command } from './cli/command.ts';
import { commands } from './cli/commands.ts';
import { candidates, valueOf } from './cli/completion.ts';
import { printError } from './cli/failure.ts';
import { helpOf, helpText, helpWithin } from './cli/help.ts';
import { liveNames } from './cli/liveNames.ts';
import { inCloud } from './cli/session.ts';
import { processTerminal, type Terminal } from './cli/terminal.ts';
import { wishesOf } from './cli/wishes.ts';
import type { Arguments } from './cli/arguments.ts';
import { commandOf, parseCommandLine, type CommandLine } from './cli/parse.ts';
import { fileProblem } from './lib/folder.ts';
import { OperatorError } from './lib/operatorError.ts';
import { command, toRun } from './lib/remedy.ts';
import manifest from '../package.json' with { type: 'json' };

const perform = async (t: Terminal, words: CommandLine): Promise<void> => {
  const { command, verb } = words;
  if (verb === 'version') t.say(manifest.version);
  else if (command === undefined) t.say(help(words.rest));
  else if (command.inCloud !== undefined) await onCloud(t, words, command.inCloud);
  else await command.run?.(t, words);
};

const onCloud = (t: Terminal, words: Arguments, work: NonNullable<Command['inCloud']>): Promise<void> =>
  inCloud(t, words, (s) => work(s, t, words));

const help = (asked: readonly string[]): string => {
  const [first, second] = asked;
  if (first === undefined) return helpText(commands);
  const within = commands.filter((c) => c.words.startsWith(`${first} `));
  const isOne = second !== undefined || within.length === 0;
  return isOne
    ? helpOf(commandOf(asked, commands))
    : helpWithin(first, [...commands.filter((c) => c.words === first), ...within]);
};

// Asked by the shell's script at every Tab. Whatever is still being asked for by then is not waited for.
const complete = async (t: Terminal, typed: readonly string[]): Promise<never> => {
  const words = { text: (option: string) => valueOf({ flag: option }, typed) };
  for (const word of await candidates(typed, commands, liveNames(t, words))) t.out(`${word}\n`);
  process.exit(0);
};

const main = async (): Promise<number> => {
  const argv = process.argv.slice(2);
  const t = processTerminal(wishesOf(argv, process.env, commands));
  if (argv[0] === '__complete') return complete(t, argv.slice(1));
  try {
    await perform(t, parseCommandLine(argv, commands));
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
