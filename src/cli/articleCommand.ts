import { findEmulator, stopEmulator } from '../emulator/process.ts';
import { text } from '../model/option.ts';
import { runArticle } from './article.ts';
import type { Command } from './command.ts';
import { ensureEmulator, folderOf, startOptions } from './emulator.ts';
import { inCloud } from './session.ts';
import type { Terminal } from './terminal.ts';
import type { Words } from './words.ts';

// It is never run on Google by accident: without an endpoint it gets an emulator of its own.
const onEmulator = async (t: Terminal, w: Words): Promise<void> => {
  const given = w.text('endpoint') ?? (t.env.TRIZONE_ENDPOINT || undefined);
  if (given !== undefined) return inCloud(t, w, runArticle, given);
  const running = await findEmulator(folderOf(t, w));
  const { endpoint, state } = running ?? (await ensureEmulator(t, w));
  try {
    await inCloud({ ...t, env: { ...t.env, TRIZONE_STATE: state } }, w, runArticle, endpoint);
  } finally {
    if (running === undefined) await stopEmulator(state);
  }
};

/** The whole article. */
export const article: Command = {
  words: 'article',
  group: "The article's scripts",
  does: 'run the whole article on an emulator, a line for each of its thirteen steps',
  examples: ['trizone article', 'trizone article --json report.json', 'trizone article --pause-after 5'],
  never: 'Never runs on Google Cloud.',
  rest: { value: '[FILE]', names: 'files' },
  options: [...startOptions, text('pause-after', 'N', 'wait for Enter after this step, 1 to 13')],
  run: onEmulator,
};
