import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { appender, createEmpty, writeFileAtomic } from '../lib/atomicFile.ts';
import { codeOf, makeFolder } from '../lib/folder.ts';
import { diskError, elsewhere, onDisk, readRegular } from '../lib/onDisk.ts';
import { message, type Message } from '../lib/message.ts';
import { invalid, OperatorError } from '../lib/operatorError.ts';

/** Format of the journal files; a file with a higher number is only read. */
const version = 1;

/** How a run can have ended; `closed`: its cluster is gone, or a person has asked to forget it. */
const states = ['done', 'failed', 'cancelled', 'undone', 'closed'] as const;

/** One of these. */
export type EndState = (typeof states)[number];

// Milliseconds; beyond it there are no dates (ECMA-262, "Time Values and Time Range").
const lastDate = 8.64e15;

// A step of a plan; an earlier Trizone's title has its names in it.
const stepSchema = v.object({
  id: v.string(),
  title: v.pipe(
    v.union([v.string(), v.object({ text: v.string(), names: v.array(v.union([v.string(), v.number()])) })]),
    v.transform((title): Message => (typeof title === 'string' ? message(title) : title)),
  ),
  expectedMs: v.number(),
});

const recordSchema = v.variant('type', [
  v.object({
    type: v.literal('plan'),
    version: v.number(),
    run: v.string(),
    verb: v.string(),
    /** What the verb does to a cluster, in few words ({0}: the cluster), and whether it can be undone; an earlier Trizone's do not say. */
    label: v.optional(v.string()),
    adds: v.optional(v.boolean()),
    /** What a person types before it is done. */
    typed: v.optional(v.string()),
    cluster: v.string(),
    project: v.string(),
    /** Which cloud, and which cluster there (its uid): whom the run is for. Runs of earlier versions do not say. */
    cloud: v.optional(v.string()),
    uid: v.optional(v.string()),
    /** Wall time, milliseconds: one that is a date. */
    at: v.pipe(v.number(), v.minValue(-lastDate), v.maxValue(lastDate)),
    /** Whatever the verb needs to build its workflow again; no secrets. */
    input: v.unknown(),
    /** Asked for by kube-up, which makes the cluster's context the person's current one when it is done. */
    kubeUp: v.optional(v.boolean()),
    /** Wall time per cluster time: durations of a run that another process does are told by it. */
    timeScale: v.number(),
    /** Cluster milliseconds that the plan expected. */
    expectedMs: v.number(),
    /** What the plan would change or wait for, as it was shown; `expectedMs` in cluster time. */
    steps: v.array(stepSchema),
  }),
  v.object({
    type: v.literal('intent'),
    step: v.string(),
    attempt: v.number(),
    do: v.string(),
    /** Wall time, milliseconds. */
    at: v.number(),
  }),
  v.object({ type: v.literal('called'), step: v.string(), operation: v.string() }),
  v.object({ type: v.literal('done'), step: v.string(), /** Cluster milliseconds. */ ms: v.number() }),
  v.object({
    type: v.literal('failed'),
    step: v.string(),
    code: v.string(),
    message: v.string(),
    remedy: v.optional(v.string()),
    /** False where the request may still have taken effect: the next attempt keeps the request id. */
    definite: v.boolean(),
  }),
  /** What was asked for, prepared again under the lease because somebody else had worked on the cluster since the plan. */
  v.object({
    type: v.literal('replanned'),
    input: v.unknown(),
    expectedMs: v.number(),
    steps: v.array(stepSchema),
  }),
  /** What the API's endpoint did during the run, in words. */
  v.object({ type: v.literal('probed'), text: v.string() }),
  v.object({ type: v.literal('resumed'), at: v.number(), pid: v.number() }),
  v.object({ type: v.literal('ended'), state: v.picklist(states), at: v.number() }),
]);

/** One line of a run's journal. */
export type JournalRecord = v.InferOutput<typeof recordSchema>;

/** First record of every journal. */
export type PlanRecord = Extract<JournalRecord, { type: 'plan' }>;

/** Where records go. Append returns only when the record is on disk (invariant 2). */
export interface Journal {
  append(record: JournalRecord): void;
  /** What was there when it was opened, and everything appended since. */
  readonly records: readonly JournalRecord[];
}

/** A journal read back. */
export interface StoredRun {
  readonly plan: PlanRecord;
  readonly records: readonly JournalRecord[];
  /** Undefined while the run goes on, or when it was interrupted. */
  readonly state: EndState | undefined;
  /** Written by a newer Trizone: can be shown, not resumed. */
  readonly readOnly: boolean;
}

/** A run whose journal cannot be read, and why: no permission, no file, or damaged from its first line on. */
export interface UnreadRun {
  readonly run: string;
  readonly error: OperatorError;
}

const fileOf = (folder: string, run: string): string => join(folder, 'runs', `${run}.jsonl`);

/** Where the journals of a state folder are; injected, so that a test can end a run at any record. */
export interface Journals {
  /** Starts the journal of a new run. Fails if one of that name exists. */
  create(plan: Omit<PlanRecord, 'type' | 'version'>): Journal;
  /** Opens the journal of an interrupted run to go on with it; only under the cluster's lease. */
  open(run: string): Journal;
  /** One run by its name; refuses one that is not there, damaged from its first line on, or from a newer version. */
  read(run: string): StoredRun;
  /** All runs that can be read, newest first; `unread` is told of the others. */
  list(unread?: (run: UnreadRun) => void): StoredRun[];
}

/** The journals of a state folder on disk. */
export const fileJournals = (folder: string): Journals => ({
  create: (plan) => createJournal(folder, plan),
  open: (run) => openJournal(folder, run),
  read: (run) => usableRun(folder, run),
  list: (unread) => listRuns(folder, unread),
});

const createJournal = (folder: string, plan: Omit<PlanRecord, 'type' | 'version'>): Journal => {
  const path = fileOf(folder, plan.run);
  const record: PlanRecord = { type: 'plan', version, ...plan };
  onDisk('Nothing was changed, because the run cannot be written down', path, elsewhere, () => {
    makeFolder(join(folder, 'runs'));
    createEmpty(path);
    try {
      appender(path)(lineOf(record));
    } catch (error) {
      rmSync(path); // a journal without its plan would be taken for a damaged one
      throw error;
    }
  });
  return fileJournal(path, [record]);
};

const lineOf = (record: JournalRecord): string => `${JSON.stringify(record)}\n`;

// A damaged tail (a line cut by a crash) is cut at the last whole line, the damaged file kept as `.bak`.
const openJournal = (folder: string, run: string): Journal => {
  const stored = usableRun(folder, run);
  const path = fileOf(folder, run);
  const text = readFileSync(path, 'utf8');
  const whole = wholeLines(text)
    .map(({ line }) => `${line}\n`)
    .join('');
  if (whole !== text) {
    onDisk('The journal cannot be repaired', path, elsewhere, () => {
      writeFileAtomic(`${path}.bak`, text);
      writeFileAtomic(path, whole);
    });
  }
  return fileJournal(path, [...stored.records]);
};

const usableRun = (folder: string, run: string): StoredRun => {
  const stored = /^[\w-]+$/.test(run) ? look(folder, run) : undefined;
  if (OperatorError.is(stored)) throw stored;
  if (stored === undefined) throw invalid(`No run of that name: ${run}`, 'See: trizone runs');
  if (stored.readOnly) {
    throw new OperatorError('journal', `The run was written by a newer Trizone: ${run}`, {
      remedy: 'Update Trizone, then go on with it.',
    });
  }
  return stored;
};

const fileJournal = (path: string, records: JournalRecord[]): Journal => {
  const add = appender(path);
  return {
    records,
    append: (record) => {
      onDisk('The run cannot be written down any further', path, ', then go on: trizone resume', () =>
        add(lineOf(record)),
      );
      records.push(record);
    },
  };
};

/** A run up to its journal's last whole line. Undefined when there is none, or it cannot be read. */
export const readRun = (folder: string, run: string): StoredRun | undefined => {
  const found = look(folder, run);
  return OperatorError.is(found) ? undefined : found;
};

// What is stored, or why it cannot be read; undefined where nothing is.
const look = (folder: string, run: string): StoredRun | OperatorError | undefined => {
  const path = fileOf(folder, run);
  try {
    return storedRun(readRegular(path).toString()) ?? damaged(path);
  } catch (cause) {
    const code = codeOf(cause);
    if (code === undefined) throw cause;
    if (code === 'ENOENT') return undefined;
    return diskError('journal', "The run's journal cannot be read", path, cause, ', then say it again.');
  }
};

const damaged = (path: string): OperatorError =>
  new OperatorError('journal', `The run's journal is damaged from its first line on: ${path}`, {
    remedy: 'The cloud knows what exists: say the verb again (trizone up or down).',
  });

const storedRun = (text: string): StoredRun | undefined => {
  const records = parseRecords(text);
  const first = records[0];
  if (first?.type !== 'plan') return undefined;
  const again = records.findLast((r) => r.type === 'replanned');
  const plan = again === undefined ? first : { ...first, ...again, type: first.type };
  const last = records.findLast((r) => r.type === 'ended' || r.type === 'resumed');
  return { plan, records, readOnly: plan.version > version, state: last?.type === 'ended' ? last.state : undefined };
};

// What is whole but of a type that this version does not know is passed over.
const parseRecords = (text: string): JournalRecord[] =>
  wholeLines(text).flatMap(({ value }) => {
    const parsed = v.safeParse(recordSchema, value);
    return parsed.success ? [parsed.output] : [];
  });

// Up to the first line that was cut.
const wholeLines = (text: string): { line: string; value: unknown }[] => {
  const whole: { line: string; value: unknown }[] = [];
  for (const line of text.split('\n')) {
    try {
      whole.push({ line, value: JSON.parse(line) });
    } catch {
      break;
    }
  }
  return whole;
};

const listRuns = (folder: string, unread?: (run: UnreadRun) => void): StoredRun[] =>
  runNames(folder)
    .flatMap((run) => {
      const found = look(folder, run);
      if (!OperatorError.is(found)) return found ?? [];
      unread?.({ run, error: found });
      return [];
    })
    .sort((a, b) => b.plan.at - a.plan.at);

/** Names of all runs with a journal, the newest first: they begin with their time. */
export const runNames = (folder: string): string[] => {
  const runs = join(folder, 'runs');
  if (!existsSync(runs)) return [];
  const ending = '.jsonl';
  return onDisk('The runs cannot be read', runs, elsewhere, () => readdirSync(runs))
    .flatMap((f) => (f.endsWith(ending) ? [f.slice(0, -ending.length)] : []))
    .sort()
    .reverse();
};

/** Changes whenever the journal of a run does; for those who look again and again. */
export const journalStamp = (folder: string, run: string): string => {
  const found = statSync(fileOf(folder, run), { throwIfNoEntry: false });
  return found === undefined ? '' : `${found.mtimeMs}/${found.size}`;
};

/**
 * The attempt number that the next try of a step must use: the same as the last one while its outcome is unknown (its request
 * id then makes the repeat harmless), one more after a definite failure or a success that was undone since.
 */
export const nextAttempt = (records: readonly JournalRecord[], step: string): number => {
  let attempt = 0;
  let definite = true;
  for (const r of records) {
    if (!('step' in r) || r.step !== step) continue;
    if (r.type === 'intent') {
      attempt = r.attempt;
      definite = false;
    } else if (r.type === 'done') definite = true;
    else if (r.type === 'failed') definite = r.definite;
  }
  return definite ? attempt + 1 : attempt;
};

/** Whether the next try of a step repeats an attempt whose outcome nobody knows: it is asked for under a request id used before. */
export const isRepeat = (records: readonly JournalRecord[], step: string): boolean =>
  records.some((r) => r.type === 'intent' && r.step === step && r.attempt === nextAttempt(records, step));

/** What the last attempt of a step asked for and nobody saw the end of; undefined where it ended, or never got that far. */
export const openOperation = (records: readonly JournalRecord[], step: string): string | undefined => {
  let open: string | undefined;
  for (const r of records) {
    if (!('step' in r) || r.step !== step) continue;
    if (r.type === 'called') open = r.operation;
    else if (r.type !== 'failed' || r.definite) open = undefined;
  }
  return open;
};

/** Whether a run can still be gone on with. */
export const isOpen = (run: Pick<StoredRun, 'state'>): boolean =>
  run.state === undefined || run.state === 'failed' || run.state === 'cancelled';

/** Every such operation of a run, with its step. */
export const openOperations = (records: readonly JournalRecord[]): { step: string; operation: string }[] => {
  const steps = new Set(records.flatMap((r) => (r.type === 'called' ? [r.step] : [])));
  return [...steps].flatMap((step) => {
    const operation = openOperation(records, step);
    return operation === undefined ? [] : [{ step, operation }];
  });
};

/** Steps whose creation this run may have caused: an intent to create that did not fail without effect. */
export const createdSteps = (records: readonly JournalRecord[]): Set<string> => {
  const made = new Set<string>();
  for (const r of records) if (r.type === 'intent' && r.do === 'create') made.add(r.step);
  return made;
};
