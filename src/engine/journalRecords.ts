import * as v from 'valibot';
import { message, type Message } from '../lib/message.ts';
import type { OperatorError } from '../lib/operatorError.ts';
import type { Remedy } from '../lib/remedy.ts';

/** Format of the journal files; a file with a higher number is only read. */
export const version = 1;

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

const remedySchema: v.GenericSchema<unknown, Remedy> = v.union([
  v.object({ text: v.exactOptional(v.string()), command: v.string(), arguments: v.array(v.string()) }),
  v.object({ text: v.exactOptional(v.string()), url: v.string() }),
  v.object({ text: v.string() }),
]);

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
    /** What to do, in one line, and part by part; an earlier Trizone's have the line alone. */
    remedy: v.optional(v.string()),
    remedies: v.optional(v.array(remedySchema)),
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

/** Where the journals of a state folder are; injected, so that a test can end a run at any record. */
export interface Journals {
  /** Starts the journal of a new run. Fails if one of that name exists. */
  create(plan: Omit<PlanRecord, 'type' | 'version'>): Journal;
  /** Opens the journal of an interrupted run to resume it; only under the cluster's lease. */
  open(run: string): Journal;
  /** One run by its name; refuses one that is not there, damaged from its first line on, or from a newer version. */
  read(run: string): StoredRun;
  /** All runs that can be read, newest first; `unread` is told of the others. */
  list(unread?: (run: UnreadRun) => void): StoredRun[];
}

/** A record as it was read; undefined where this version does not know its type. */
export const readRecord = (value: unknown): JournalRecord | undefined => {
  const parsed = v.safeParse(recordSchema, value);
  return parsed.success ? parsed.output : undefined;
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

/** Whether a run can still be resumed. */
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
