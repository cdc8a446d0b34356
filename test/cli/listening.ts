import { stripVTControlCharacters } from 'node:util';
import { cliCommands } from '../../src/cli/commands.ts';
import type { Terminal } from '../../src/cli/terminal.ts';
import { parseCommandLine } from '../../src/cli/parse.ts';
import type { Program } from '../support/cloudWorld.ts';
import type { TerminalModel } from './terminalModel.ts';

/** What a command said: results, lines about how it went, and its one document. */
export interface Heard {
  readonly said: readonly string[];
  readonly log: readonly string[];
  readonly documents: readonly unknown[];
}

/** Carries out a command line on a terminal of its own; with `on`, one whose lines can be redrawn. */
export const listen = async (
  p: Program,
  line: string,
  more: {
    readonly json?: boolean;
    readonly on?: TerminalModel;
    readonly cancel?: AbortController;
    readonly heard?: (text: string) => void;
  } = {},
): Promise<Heard> => {
  const [said, log, documents]: [string[], string[], unknown[]] = [[], [], []];
  const screen = more.on?.screen();
  const to =
    (list: string[]) =>
    (text: string): void => {
      const plain = stripVTControlCharacters(text);
      list.push(plain);
      screen?.around(() => more.on?.write(`${plain}\n`));
      more.heard?.(plain);
    };
  const t: Terminal = {
    ...{ json: more.json ?? false, live: screen !== undefined, screen, env: {} },
    ...{ cancel: (more.cancel ?? new AbortController()).signal, write: to(said), log: to(log), out: to(said) },
    ...{ document: (value: unknown) => void documents.push(value), lost: () => undefined, atQuit: () => undefined },
    confirm: () => Promise.resolve(true),
  };
  const words = parseCommandLine(line.split(' '), cliCommands);
  if (words.command?.inCloud !== undefined) await words.command.inCloud(p.session, t, words);
  else await words.command?.run?.(t, words);
  return { said, log, documents };
};
