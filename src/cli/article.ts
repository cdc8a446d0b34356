import * as v from 'valibot';
import type { Session } from '../compose.ts';
import { invalid, OperatorError } from '../lib/operatorError.ts';
import { command, toRun } from '../lib/remedy.ts';
import { Article } from '../operate/article.ts';
import { articleReport, type ArticleReport, type ArticleStep, type Requests } from '../operate/articleReport.ts';
import { duration } from '../operate/planText.ts';
import { findEmulator, stopEmulator } from '../emulator/process.ts';
import { textOption } from '../model/option.ts';
import type { Command } from './command.ts';
import { ensureEmulator, folderOf, startOptions } from './emulator.ts';
import { checkWritable, writeReport } from './files.ts';
import { inCloud } from './session.ts';
import { stopping, type Terminal } from './terminal.ts';
import type { Arguments } from './arguments.ts';

// Runs the thirteen steps and prints one line for each.
const runArticle = async (session: Session, terminal: Terminal, args: Arguments): Promise<void> => {
  const [file] = args.rest;
  if (file !== undefined && !args.flag('json'))
    throw invalid(`Unexpected argument to article: ${file}`, 'To write the report to a file: --json FILE');
  if (file !== undefined) checkWritable(file);
  const pause = pauseOf(terminal, args);
  terminal.cancel.addEventListener('abort', () => terminal.log(stopping), { once: true });
  const [started, begun, wallBegun] = [
    new Date(session.wall.now()).toISOString(),
    session.clock.monotonic(),
    session.wall.monotonic(),
  ];
  const steps = await new Article(session, {
    cancel: terminal.cancel,
    begins: (title) => terminal.log(`… ${title}`),
    ends: async (step) => {
      terminal.write(line(step));
      if (step.n !== pause || !step.ok) return;
      if (!(await terminal.confirm('Inspect the cluster in another terminal. Press Enter to continue.', '')))
        throw new OperatorError('cancelled', 'Not continued');
    },
  }).run();
  const ok = steps.length === 13 && steps.every((step) => step.ok);
  const seconds = Math.round((session.clock.monotonic() - begun) / 1000);
  const wallSeconds = Math.round((session.wall.monotonic() - wallBegun) / 1000);
  const cloud = session.world.cloud.label;
  write(terminal, file, {
    schema: 'trizone-article/1',
    cloud,
    timeScale: session.timeScale,
    started,
    ok,
    seconds,
    wallSeconds,
    steps,
  });
  if (!ok) throw failed(steps);
  terminal.log(
    `Article finished in ${duration(seconds * 1000)} of cluster time, ${duration(wallSeconds * 1000)} of real time.`,
  );
};

/** Whether the report is written to a file: then stdout has the thirteen lines. */
export const writesReport = (argv: readonly string[]): boolean =>
  argv[0] === 'article' && /^[^-]/.test(argv[argv.indexOf('--json') + 1] ?? '');

const pauseOf = (terminal: Terminal, args: Arguments): number | undefined => {
  const text = args.text('pause-after');
  if (text === undefined) return undefined;
  if (!/^([1-9]|1[0-3])$/.test(text))
    throw invalid(`--pause-after must be a step from 1 to 13: ${text}`, 'For example: --pause-after 5');
  if (!terminal.live) throw invalid('Cannot pause without a terminal', 'Run it in a terminal, without --json.');
  return Number(text);
};

const line = (step: ArticleStep): string => {
  const [mark, number] = [step.ok ? '✓' : '✗', String(step.n).padStart(2)];
  const clients = step.requests === null ? '' : ` · ${clientWords(step.requests)}`;
  return `${mark} ${number} ${step.title.padEnd(47)} ${duration(step.seconds * 1000).padStart(12)}  ${step.evidence}${clients}`;
};

const clientWords = (requests: Requests): string =>
  `${requests.failed} of ${requests.sent} requests failed, longest gap ${requests.longestGapSeconds} s; ${requests.writesFailed === 0 ? 'writes never stopped' : `${requests.writesFailed} writes failed`} (${requests.longestWriteGapSeconds} s)`;

const write = (terminal: Terminal, file: string | undefined, report: ArticleReport): void => {
  const checked = v.parse(articleReport, report);
  if (file !== undefined) writeReport(file, `${JSON.stringify(checked, undefined, 2)}\n`);
  else if (terminal.json) terminal.document(checked);
};

const failed = (steps: readonly ArticleStep[]): OperatorError => {
  const last = steps.find((s) => !s.ok);
  return new OperatorError('kubernetes', `Step ${last?.n ?? '?'} of the article failed: ${last?.evidence ?? ''}`, {
    remedy: toRun('The cluster is left as it is. To tear it down', command`trizone down --yes-delete kubernetes`),
  });
};

// Prevents running it on Google by accident: without an endpoint, it starts its own emulator.
const onEmulator = async (terminal: Terminal, args: Arguments): Promise<void> => {
  const given = args.text('endpoint') ?? (terminal.env.TRIZONE_ENDPOINT || undefined);
  if (given !== undefined) return inCloud(terminal, args, (s) => runArticle(s, terminal, args), given);
  const running = await findEmulator(folderOf(terminal, args));
  const { endpoint, state } = running ?? (await ensureEmulator(terminal, args));
  try {
    const own = { ...terminal, env: { ...terminal.env, TRIZONE_STATE: state } };
    await inCloud(own, args, (s) => runArticle(s, own, args), endpoint);
  } finally {
    if (running === undefined) await stopEmulator(state);
  }
};

/** The whole article. */
export const articleCommand: Command = {
  words: 'article',
  group: 'Article scripts',
  does: 'run the whole article on an emulator, one line for each of its thirteen steps',
  examples: ['trizone article', 'trizone article --json report.json', 'trizone article --pause-after 5'],
  never: 'Never runs on Google Cloud.',
  rest: { value: '[FILE]', names: 'files' },
  options: [...startOptions, textOption('pause-after', 'N', 'wait for Enter after this step, 1 to 13')],
  run: onEmulator,
};
