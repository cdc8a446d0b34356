import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import { fileProblem } from '../lib/folder.ts';
import { invalid } from '../lib/operatorError.ts';
import type { Store } from './state/store.ts';

const matchSchema = v.strictObject({
  method: v.optional(v.string()),
  /** Regular expression over path and query. */
  path: v.optional(v.string()),
  /** Collection in the path: `instances`, `secrets` …; `machines` for events on an instance itself. */
  kind: v.optional(v.string()),
  /**
   * API method: `insert`, `delete`, `list`, `wait`, `setLabels` …; `connect` for connections to an API server. Of `machines`:
   * `boot` (the kernel), the id of a step of the startup script (`disk`, `images`, `join-master` …), `promote` (etcd makes the
   * learner a voter), `probe` (a health check).
   */
  verb: v.optional(v.string()),
  /** Name of the resource, as a regular expression that must match completely. */
  name: v.optional(v.string()),
});

const faultSchema = v.union([
  v.picklist(['resetBefore', 'resetAfter', 'operationHangs']),
  // Of `machines` only: the guest hangs there silently. Of `zones` only, with `name`, and while the rule exists: the
  // zone is DOWN and its instances are unreachable.
  v.picklist(['machineHangs', 'zoneDown']),
  v.strictObject({
    type: v.literal('status'),
    status: v.number(),
    reason: v.string(),
    message: v.string(),
    /** Seconds. */
    retryAfter: v.optional(v.number()),
  }),
  v.strictObject({
    type: v.literal('operationError'),
    code: v.string(),
    message: v.string(),
    httpStatus: v.number(),
    details: v.optional(v.array(v.unknown())),
  }),
  v.strictObject({ type: v.literal('stockOut'), zonesAvailable: v.array(v.string()) }),
  v.strictObject({
    type: v.literal('quota'),
    form: v.picklist(['request', 'operation']),
    metric: v.string(),
    limit: v.number(),
  }),
  v.strictObject({ type: v.literal('apiServerUnreachable'), how: v.picklist(['refused', 'hang']) }),
  // Of `machines` only: a boot step fails for good; a promotion or probe fails this once.
  v.strictObject({ type: v.literal('machineFails'), message: v.string() }),
]);

const scriptSchema = v.array(
  v.strictObject({
    match: matchSchema,
    /** Which match fails first (default 1), or every match. */
    nth: v.optional(v.union([v.pipe(v.number(), v.integer(), v.minValue(1)), v.literal('every')])),
    /** How many matches fail from there on: default 1; with `every`, unlimited. */
    times: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
    fault: faultSchema,
  }),
);

/** A fault to inject. */
export type Fault = v.InferOutput<typeof faultSchema>;

/** A fault and the requests it applies to. */
export type FaultRule = v.InferOutput<typeof scriptSchema>[number];

/** A request, or an attempt by the cloud itself, as fault rules see it. */
export interface FaultTarget {
  readonly method: string;
  readonly path: string;
  readonly kind: string;
  readonly verb: string;
  readonly name: string;
}

interface Script {
  readonly rules: readonly FaultRule[];
  /** Matches seen so far, by rule. */
  readonly seen: readonly number[];
}

const table = 'faults';

const kinds =
  'resetBefore, resetAfter, operationHangs, status, operationError, stockOut, quota, apiServerUnreachable, machineHangs, machineFails, zoneDown';

/** Validates a fault script; the error names the place and the rule. */
export const checkFaults = (input: unknown): readonly FaultRule[] => {
  const parsed = v.safeParse(scriptSchema, input);
  if (parsed.success) return parsed.output;
  const issue = parsed.issues[0];
  throw invalid(
    `Invalid fault script: ${v.getDotPath(issue) ?? 'top'}: ${issue.message}`,
    `It must be a list of {"match": {…}, "nth": 1, "fault": …}. Faults: ${kinds}.`,
  );
};

/** Reads a fault script from a file. */
export const readFaults = (file: string): readonly FaultRule[] => {
  let input: unknown;
  try {
    input = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    const why = error instanceof SyntaxError ? error.message : fileProblem(error);
    throw invalid(`Cannot read the fault script: ${file}, ${why}`, 'Use a file that contains a JSON list of faults.');
  }
  return checkFaults(input);
};

/** The fault script. Its counters live in the store, so that a restart does not reset them. */
export class Faults {
  private readonly store: Store;

  constructor(store: Store) {
    this.store = store;
  }

  get rules(): readonly FaultRule[] {
    return this.script().rules;
  }

  /** Replaces the script; the input comes from a file or the control endpoint, and unknown keys are refused. */
  set(input: unknown): void {
    const rules = checkFaults(input);
    this.store.put(table, 'script', { rules, seen: rules.map(() => 0) } satisfies Script);
  }

  /** Counts the attempt in every matching rule and returns the fault of the first rule that fires. */
  take(target: FaultTarget): Fault | undefined {
    const { rules, seen } = this.script();
    const hits = rules.map((rule) => matches(rule, target));
    if (!hits.includes(true)) return undefined;
    const counted = seen.map((n, i) => (hits[i] ? n + 1 : n));
    this.store.put(table, 'script', { rules, seen: counted } satisfies Script);
    return rules.find((rule, i) => hits[i] && rule.fault !== 'zoneDown' && fires(rule, counted[i] ?? 0))?.fault;
  }

  /** Whether a rule marks the zone as down. Not counted: it is a state, not an event. */
  isDown(zone: string): boolean {
    const target = { method: 'GET', path: '', kind: 'zones', verb: 'get', name: zone };
    return this.rules.some((rule) => rule.fault === 'zoneDown' && matches(rule, target));
  }

  private script(): Script {
    return this.store.get<Script>(table, 'script') ?? { rules: [], seen: [] };
  }
}

const matches = ({ match }: FaultRule, target: FaultTarget): boolean =>
  (match.method === undefined || match.method === target.method) &&
  (match.kind === undefined || match.kind === target.kind) &&
  (match.verb === undefined || match.verb === target.verb) &&
  (match.path === undefined || new RegExp(match.path).test(target.path)) &&
  (match.name === undefined || new RegExp(`^(?:${match.name})$`).test(target.name));

const fires = (rule: FaultRule, count: number): boolean => {
  if (rule.nth === 'every') return rule.times === undefined || count <= rule.times;
  const first = rule.nth ?? 1;
  return count >= first && count < first + (rule.times ?? 1);
};
