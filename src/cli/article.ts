import * as v from 'valibot';
import type { Session } from '../compose.ts';
import { invalid, OperatorError } from '../lib/operatorError.ts';
import { command, toRun } from '../lib/remedy.ts';
import { Article } from '../operate/article.ts';
import { articleReport, type ArticleReport, type ArticleStep, type Requests } from '../operate/articleReport.ts';
import { duration } from '../operate/planText.ts';
import { findEmulator, stopEmulator } from '../emulator/process.ts';
import { text } from '../model/option.ts';
import type { Command } from './command.ts';
import { ensureEmulator, folderOf, startOptions } from './emulator.ts';
import { checkWritable, writeReport } from './files.ts';
import { inCloud } from './session.ts';
import { stopping, type Terminal } from './terminal.ts';
import type { Arguments } from './arguments.ts';

// The thirteen steps, a line each.
const runArticle = async (s: Session, t: Terminal, w: Arguments): Promise<void> => {
  const [file] = w.rest;
  if (file !== undefined && !w.flag('json'))
    throw invalid(`Unexpected argument to article: ${file}`, 'To write the report to a file: --json FILE');
  if (file !== undefined) checkWritable(file);
  const pause = pauseOf(t, w);
  t.cancel.addEventListener('abort', () => t.log(stopping), { once: true });
  const [started, begun, wallBegun] = [new Date(s.wall.now()).toISOString(), s.clock.monotonic(), s.wall.monotonic()];
  const steps = await new Article(s, {
    cancel: t.cancel,
    begins: (title) => t.log(`… ${title}`),
    ends: async (step) => {
      t.say(line(step));
      if (step.n !== pause || !step.ok) return;
      if (!(await t.confirm('Inspect the cluster in another terminal. Press Enter to continue.', '')))
        throw new OperatorError('cancelled', 'Not continued');
    },
  }).run();
  const ok = steps.length === 13 && steps.every((step) => step.ok);
  const seconds = Math.round((s.clock.monotonic() - begun) / 1000);
  const wallSeconds = Math.round((s.wall.monotonic() - wallBegun) / 1000);
  const cloud = s.world.cloud.label;
  write(t, file, {
    schema: 'trizone-article/1',
    cloud,
    timeScale: s.timeScale,
    started,
    ok,
    seconds,
    wallSeconds,
    steps,
  });
  if (!ok) throw failed(steps);
  t.log(
    `Article finished in ${duration(seconds * 1000)} of cluster time, ${duration(wallSeconds * 1000)} of real time.`,
  );
};

/** Whether the report goes into a file: then stdout is for the thirteen lines. */
export const writesReport = (argv: readonly string[]): boolean =>
  argv[0] === 'article' && /^[^-]/.test(argv[argv.indexOf('--json') + 1] ?? '');

const pauseOf = (t: Terminal, w: Arguments): number | undefined => {
  const text = w.text('pause-after');
  if (text === undefined) return undefined;
  if (!/^([1-9]|1[0-3])$/.test(text))
    throw invalid(`--pause-after must be a step from 1 to 13: ${text}`, 'For example: --pause-after 5');
  if (!t.live) throw invalid('Cannot pause without a terminal', 'Run it in a terminal, without --json.');
  return Number(text);
};

const line = (s: ArticleStep): string => {
  const [mark, number] = [s.ok ? '✓' : '✗', String(s.n).padStart(2)];
  const clients = s.requests === null ? '' : ` · ${clientWords(s.requests)}`;
  return `${mark} ${number} ${s.title.padEnd(47)} ${duration(s.seconds * 1000).padStart(12)}  ${s.evidence}${clients}`;
};

const clientWords = (r: Requests): string =>
  `${r.failed} of ${r.sent} requests failed, longest gap ${r.longestGapSeconds} s; ${r.writesFailed === 0 ? 'writes never stopped' : `${r.writesFailed} writes failed`} (${r.longestWriteGapSeconds} s)`;

const write = (t: Terminal, file: string | undefined, report: ArticleReport): void => {
  const checked = v.parse(articleReport, report);
  if (file !== undefined) writeReport(file, `${JSON.stringify(checked, undefined, 2)}\n`);
  else if (t.json) t.document(checked);
};

const failed = (steps: readonly ArticleStep[]): OperatorError => {
  const last = steps.find((s) => !s.ok);
  return new OperatorError('kubernetes', `Step ${last?.n ?? '?'} of the article failed: ${last?.evidence ?? ''}`, {
    remedy: toRun('The cluster is left as it is. To tear it down', command`trizone down --yes-delete kubernetes`),
  });
};

// It is never run on Google by accident: without an endpoint it gets an emulator of its own.
const onEmulator = async (t: Terminal, w: Arguments): Promise<void> => {
  const given = w.text('endpoint') ?? (t.env.TRIZONE_ENDPOINT || undefined);
  if (given !== undefined) return inCloud(t, w, (s) => runArticle(s, t, w), given);
  const running = await findEmulator(folderOf(t, w));
  const { endpoint, state } = running ?? (await ensureEmulator(t, w));
  try {
    const own = { ...t, env: { ...t.env, TRIZONE_STATE: state } };
    await inCloud(own, w, (s) => runArticle(s, own, w), endpoint);
  } finally {
    if (running === undefined) await stopEmulator(state);
  }
};

/** The whole article. */
export const article: Command = {
  words: 'article',
  group: 'Article scripts',
  does: 'run the whole article on an emulator, one line for each of its thirteen steps',
  examples: ['trizone article', 'trizone article --json report.json', 'trizone article --pause-after 5'],
  never: 'Never runs on Google Cloud.',
  rest: { value: '[FILE]', names: 'files' },
  options: [...startOptions, text('pause-after', 'N', 'wait for Enter after this step, 1 to 13')],
  run: onEmulator,
};
