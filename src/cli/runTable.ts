import { cut, cutMiddle, padded, plainLine, widest } from './cells.ts';
import { bold, dim } from './paint.ts';

/** A running step; times in cluster milliseconds. */
export interface RunningStep {
  readonly title: string;
  readonly elapsedMs: number;
  /** 0 if unknown. */
  readonly usualMs: number;
  /** Last progress message of the step, or of the machine it waits for. */
  readonly lastWord: string;
}

/** A run in progress, as displayed. */
export interface RunningRun {
  readonly title: string;
  readonly done: number;
  readonly total: number;
  readonly elapsedMs: number;
  readonly usualMs: number;
  readonly steps: readonly RunningStep[];
}

/** Minutes and seconds for a column: 1:07. */
export const minutes = (ms: number): string => {
  const s = Math.max(0, Math.floor(ms / 1000));
  const [h, min, sec] = [Math.floor(s / 3600), Math.floor(s / 60) % 60, s % 60].map((n) => String(n).padStart(2, '0'));
  return h === '00' ? `${Number(min)}:${sec ?? ''}` : `${Number(h)}:${min ?? ''}:${sec ?? ''}`;
};

const headings = { step: 'STEP', elapsed: 'ELAPSED', usual: 'USUAL', lastWord: 'LAST WORD' } as const;

type Row = Readonly<Record<keyof typeof headings, string>>;

const rowOf = (step: RunningStep): Row => ({
  step: plainLine(step.title),
  elapsed: minutes(step.elapsedMs),
  usual: step.usualMs > 0 ? minutes(step.usualMs) : '',
  lastWord: plainLine(step.lastWord),
});

/**
 * The lines that display a run within this many columns and rows: an empty line, a header, and a table of the running
 * steps.
 */
export const runTable = (run: RunningRun, size: { readonly columns: number; readonly rows: number }): string[] => {
  const head = headLine(run, size.columns);
  const room = size.rows - 3; // besides the empty line, the header, and the column headings
  if (size.rows < 2) return [head];
  if (run.steps.length === 0 || room < 1) return ['', head];
  const isWhole = run.steps.length <= room;
  const rows = run.steps.slice(0, isWhole ? room : room - 1).map(rowOf);
  const [names = '', ...lines] = aligned([headings, ...rows], size.columns);
  const more = isWhole ? [] : [dim(cut(`… and ${run.steps.length - rows.length} more`, size.columns))];
  return ['', head, dim(names), ...lines, ...more];
};

const headLine = (run: RunningRun, columns: number): string => {
  const usual = run.usualMs > 0 ? ` of about ${minutes(run.usualMs)}` : '';
  const figures = `${run.done}/${run.total} steps   ${minutes(run.elapsedMs)}${usual}`;
  const left = columns - widest([figures]) - 3;
  return left < 8 ? cut(figures, columns) : `${bold(cut(plainLine(run.title), left))}   ${figures}`;
};

// Step and last message share the remaining width: each gets what it needs; if that is too much, the message gets at
// least two fifths.
const aligned = (rows: readonly Row[], columns: number): string[] => {
  const [elapsed, usual] = (['elapsed', 'usual'] as const).map((key) => widest(rows.map((r) => r[key])));
  const left = columns - (elapsed ?? 0) - (usual ?? 0) - 6;
  const [steps, words] = (['step', 'lastWord'] as const).map((key) => widest(rows.map((r) => r[key])));
  const word = Math.min(words ?? 0, Math.max(Math.floor(left * 0.4), left - (steps ?? 0)));
  const step = Math.min(steps ?? 0, left - word);
  return rows.map((row) => {
    const times = [padded(row.elapsed, elapsed ?? 0, true), padded(row.usual, usual ?? 0, true)];
    const cells = [padded(cutMiddle(row.step, step), step), ...times, cut(row.lastWord, word)];
    return cut(cells.join('  '), columns).trimEnd();
  });
};
