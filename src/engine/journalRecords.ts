import * as v from 'valibot';
import { message, type Message } from '../lib/message.ts';
import type { OperatorError } from '../lib/operatorError.ts';
import type { Remedy } from '../lib/remedy.ts';

/** Format version of journal files; files with a higher one are read-only. */
export const version = 1;

/** How a run can end; `closed`: its cluster is gone, or a user dismissed the run. */
const states = ['done', 'failed', 'cancelled', 'undone', 'closed'] as const;

/** One of these states. */
export type EndState = (typeof states)[number];

// Milliseconds; the largest valid date (ECMA-262, "Time Values and Time Range").
const lastDate = 8.64e15;

// A step of a plan; in journals of earlier versions, the title is a plain string.
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
    /**
     * What the verb does to a cluster, in few words ({0}: the cluster), and whether it can be undone; missing in
     * earlier versions.
     */
    label: v.optional(v.string()),
    adds: v.optional(v.boolean()),
    /** What a user must type to confirm it. */
    typed: v.optional(v.string()),
    cluster: v.string(),
    project: v.string(),
    /** The cloud and the cluster's uid there: what the run is for. Missing in earlier versions. */
    cloud: v.optional(v.string()),
    uid: v.optional(v.string()),
    /** Wall time, milliseconds: a valid date. */
    at: v.pipe(v.number(), v.minValue(-lastDate), v.maxValue(lastDate)),
    /** What the verb needs to rebuild its workflow; no secrets. */
    input: v.unknown(),
    /** Requested by kube-up, which makes the cluster's context the current one at the end. */
    kubeUp: v.optional(v.boolean()),
    /** Wall time per unit of cluster time: converts durations of a run in another process. */
    timeScale: v.number(),
    /** Duration expected by the plan, in cluster milliseconds. */
    expectedMs: v.number(),
    /** What the plan would change or wait for, as shown; `expectedMs` in cluster time. */
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
    /** The remedies in one line, and one by one; earlier versions recorded only the line. */
    remedy: v.optional(v.string()),
    remedies: v.optional(v.array(remedySchema)),
    /** False if the request may still have taken effect: the next attempt then keeps the request ID. */
    definite: v.boolean(),
  }),
  /** The request planned again under the lease, because the cluster had changed since the plan. */
  v.object({
    type: v.literal('replanned'),
    input: v.unknown(),
    expectedMs: v.number(),
    steps: v.array(stepSchema),
  }),
  /** How the API endpoint behaved during the run, in words. */
  v.object({ type: v.literal('probed'), text: v.string() }),
  v.object({ type: v.literal('resumed'), at: v.number(), pid: v.number() }),
  v.object({ type: v.literal('ended'), state: v.picklist(states), at: v.number() }),
]);

/** One line of a run's journal. */
export type JournalRecord = v.InferOutput<typeof recordSchema>;

/** First record of every journal. */
export type PlanRecord = Extract<JournalRecord, { type: 'plan' }>;

/** Where records are written. `append` returns only once the record is on disk (invariant 2). */
export interface Journal {
  append(record: JournalRecord): void;
  /** The records read when it was opened, plus everything appended since. */
  readonly records: readonly JournalRecord[];
}

/** A journal read back. */
export interface StoredRun {
  readonly plan: PlanRecord;
  readonly records: readonly JournalRecord[];
  /** Undefined while the run is in progress, or if it was interrupted. */
  readonly state: EndState | undefined;
  /** Written by a newer Trizone: can be shown but not resumed. */
  readonly readOnly: boolean;
}

/** A run whose journal cannot be read, and why: no permission, no file, or damaged from the first line. */
export interface UnreadRun {
  readonly run: string;
  readonly error: OperatorError;
}

/** The journals of a state folder; injected, so that a test can stop a run at any record. */
export interface Journals {
  /** Starts the journal of a new run. Fails if one with that name exists. */
  create(plan: Omit<PlanRecord, 'type' | 'version'>): Journal;
  /** Opens the journal of an interrupted run to resume it; only while holding the cluster's lease. */
  open(run: string): Journal;
  /** One run by its name; fails if it is missing, damaged from the first line, or from a newer version. */
  read(run: string): StoredRun;
  /** All readable runs, newest first; `unread` receives the others. */
  list(unread?: (run: UnreadRun) => void): StoredRun[];
}

/** Parses a record; undefined if this version does not know its type. */
export const readRecord = (value: unknown): JournalRecord | undefined => {
  const parsed = v.safeParse(recordSchema, value);
  return parsed.success ? parsed.output : undefined;
};

/**
 * The attempt number for the next try of a step: the last one while its outcome is unknown (the same request ID makes a
 * repeat harmless), the next one after a definite failure or a success.
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

/** Whether the next try of a step repeats an attempt with an unknown outcome, reusing its request ID. */
export const isRepeat = (records: readonly JournalRecord[], step: string): boolean =>
  records.some((r) => r.type === 'intent' && r.step === step && r.attempt === nextAttempt(records, step));

/** The operation that a step's last attempt started without seeing its end; undefined if it ended, or none was started. */
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

/** All open operations of a run, with their steps. */
export const openOperations = (records: readonly JournalRecord[]): { step: string; operation: string }[] => {
  const steps = new Set(records.flatMap((r) => (r.type === 'called' ? [r.step] : [])));
  return [...steps].flatMap((step) => {
    const operation = openOperation(records, step);
    return operation === undefined ? [] : [{ step, operation }];
  });
};

/** Steps whose resource this run may have created: those with an intent to create. */
export const createdSteps = (records: readonly JournalRecord[]): Set<string> => {
  const made = new Set<string>();
  for (const r of records) if (r.type === 'intent' && r.do === 'create') made.add(r.step);
  return made;
};
