import { invalid } from '../lib/operatorError.ts';
import type { LiveNames, Option } from '../model/option.ts';
import { everywhere, spellings, type Command } from './command.ts';
import { commandNamed } from './parse.ts';

/** Printed instead of names if the shell should complete files. */
export const filesInstead = ':files';

/** Looks up live names; none if they are unavailable. */
export type Ask = (names: Exclude<LiveNames, 'files'>) => Promise<readonly string[]>;

/** Candidates for the last, partially typed word; `typed` is everything after `trizone`. */
export const candidates = async (
  typed: readonly string[],
  commands: readonly Command[],
  ask: Ask,
): Promise<string[]> => {
  const [part = '', before = ''] = [typed.at(-1), typed.at(-2)];
  const commandWords = typedWords(typed.slice(0, -1), commands);
  const command = commandNamed(commandWords, commands);
  const options = [...(command?.options ?? []), ...everywhere];
  const valued = options.find((o) => o.value !== undefined && spellings(o).includes(before));
  const [, flag, value] = /^--([\w-]+)=(.*)$/.exec(part) ?? [];
  const given = options.find((o) => o.flag === flag);
  if (given !== undefined) return (await values(given, value ?? '', ask)).map((v) => `--${given.flag}=${v}`);
  if (valued !== undefined) return values(valued, part, ask);
  const found = part.startsWith('-')
    ? options.map((o) => `--${o.flag}`)
    : await nextWords(commandWords, command, commands, ask);
  return found.filter((word) => word.startsWith(part) || word === filesInstead);
};

// For comma-separated names, those before the last comma are kept.
const values = async ({ names, choices, value = '' }: Option, part: string, ask: Ask): Promise<string[]> => {
  if (choices !== undefined) return choices.filter((word) => word.startsWith(part));
  if (names === undefined) return [];
  if (names === 'files') return [filesInstead];
  const kept = value.includes(',') ? part.slice(0, part.lastIndexOf(',') + 1) : '';
  const chosen = kept.split(',');
  const found = (await ask(names)).filter((name) => !chosen.includes(name));
  return found.map((name) => `${kept}${name}`).filter((name) => name.startsWith(part));
};

const nextWords = async (
  commandWords: readonly string[],
  command: Command | undefined,
  commands: readonly Command[],
  ask: Ask,
): Promise<string[]> => {
  const next = ['help', 'version', ...commands.map((c) => c.words)].flatMap((words) => {
    const all = words.split(' ');
    return commandWords.every((word, i) => all[i] === word)
      ? all.slice(commandWords.length, commandWords.length + 1)
      : [];
  });
  const names = commandWords.length === command?.words.split(' ').length ? command.rest?.names : undefined;
  const live = names === undefined ? [] : names === 'files' ? [filesInstead] : await ask(names);
  return [...new Set([...next, ...live])];
};

/** Value of an option in a command line that may be invalid. */
export const valueOf = (option: Pick<Option, 'flag' | 'short'>, typed: readonly string[]): string | undefined => {
  const [long, short] = [`--${option.flag}=`, `-${option.short ?? ' '}`];
  const at = typed.findIndex((word) => word === `--${option.flag}` || word === short);
  if (at >= 0) return typed[at + 1];
  const joined = typed.find((word) => word.startsWith(long) || word.startsWith(short));
  return joined?.slice(joined.startsWith(long) ? long.length : short.length);
};

/** The words of the command and those after them, without options and their values. */
export const typedWords = (typed: readonly string[], commands: readonly Command[]): string[] => {
  const valued = [...everywhere, ...commands.flatMap((c) => c.options)].filter((o) => o.value !== undefined);
  const isValue = (i: number): boolean => valued.some((o) => spellings(o).includes(typed[i - 1] ?? ''));
  const words = typed.filter((word, i) => !word.startsWith('-') && !isValue(i));
  return words[0] === 'help' ? words.slice(1) : words;
};

const bash = `_trizone() {
  local IFS=$'\\n' part=\${COMP_WORDS[COMP_CWORD]} found
  found=$(trizone __complete "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
  if [ "$found" = ${filesInstead} ]; then
    compopt -o filenames
    COMPREPLY=($(compgen -f -- "$part"))
  else
    COMPREPLY=($(compgen -W "$found" -- "$part"))
  fi
}
complete -F _trizone trizone`;

const zsh = `#compdef trizone
_trizone() {
  local -a found
  found=("\${(@f)$(trizone __complete "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ $found[1] == ${filesInstead} ]]; then _files; else compadd -- $found; fi
}
compdef _trizone trizone`;

const fish = `function __trizone_complete
  set -l typed (commandline -opc) (commandline -ct)
  set -l found (trizone __complete $typed[2..-1] 2>/dev/null)
  if test "$found" = ${filesInstead}
    __fish_complete_path (commandline -ct)
  else
    printf '%s\\n' $found
  end
end
complete -c trizone -f -a '(__trizone_complete)'`;

const scripts: Readonly<Record<string, string>> = { bash, zsh, fish };

/** Prints the script that enables completion of `trizone` in a shell. */
export const completion: Command = {
  words: 'completion',
  group: 'Shell',
  does: 'print a shell completion script for commands, options, and live names',
  examples: ['trizone completion bash', 'trizone completion zsh', 'trizone completion fish'],
  never:
    'bash: . <(trizone completion bash)   fish: trizone completion fish | source   zsh: after compinit, . <(trizone completion zsh)',
  rest: { value: 'SHELL' },
  options: [],
  run: (terminal, args) => {
    const [shell] = args.rest;
    const script = shell !== undefined && Object.hasOwn(scripts, shell) ? scripts[shell] : undefined;
    if (script === undefined)
      throw invalid(`No completion script for this shell: ${shell ?? 'none given'}`, 'Use bash, zsh, or fish.');
    terminal.write(script);
  },
};
