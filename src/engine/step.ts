import type { Clock } from '../lib/clock.ts';
import type { Message } from '../lib/message.ts';
import { OperatorError } from '../lib/operatorError.ts';
import type { Remedies } from '../lib/remedy.ts';

/** `kind:name`, stable across runs: journal, log, request IDs, and activity tree depend on it. */
export type StepId = `${string}:${string}`;

/** What a step may put at risk; shown in the plan. */
export type Risk = 'billing' | 'quorum' | 'endpoint' | 'data';

/**
 * What a step observed; unknown if observing needs the output of a step that has not run yet. Only plans have such
 * steps, and only the engine sets it. Absence of a resource is known: its facts are undefined.
 */
export type Seen<Facts> = { readonly known: false } | { readonly known: true; readonly facts: Facts };

/** The facts of a step whose `observe` reads no output: they are always known. */
export const knownFacts = <Facts>(seen: Seen<Facts>): Facts => {
  if (seen.known) return seen.facts;
  throw new OperatorError('internal', 'A step waits for an output, but was decided as one that needs none');
};

/** How a step changes the world. `hold` is housekeeping (the lease): never a reason to run by itself. */
export type Effect = 'create' | 'update' | 'delete' | 'wait' | 'hold';

/** A change decided by `decide`, in words and as the equivalent gcloud command. */
export interface Change {
  readonly do: Effect;
  /** Details: "tcp:443 from 0.0.0.0/0", "3 machines e2-standard-2". */
  readonly detail?: string;
  readonly gcloud?: string;
}

/** Result of observing the world: nothing to do, a change, or a refusal with its reason. */
export type Decision<Out> =
  | { readonly do: 'nothing'; readonly out: Out; readonly detail?: string }
  | Change
  | { readonly do: 'refuse'; readonly error: OperatorError };

/** What `observe` gets. The world `R` has no writing method, so a plan cannot write (invariant 1). */
export interface ReadContext<R> {
  readonly world: R;
  /** Cluster time. */
  readonly clock: Clock;
  /** Aborts at the step's deadline and on cancel. */
  readonly signal: AbortSignal;
  /** Output of a predecessor. Throws if `step` is not in `after`, and while planning if the output is not known yet. */
  out<Out>(step: { readonly id: StepId; readonly is?: Out }): Out;
}

/** What `perform` gets. */
export interface WriteContext<W> extends ReadContext<W> {
  /** Name of the run. */
  readonly run: string;
  /**
   * Request ID and operation hook of one mutation; `part` distinguishes several mutations of one step. Its signal
   * aborts at the deadline only: a cancel waits for the operation, so that it is known what exists.
   */
  call(part?: string): {
    readonly requestId: string;
    readonly signal: AbortSignal;
    readonly onOperation: (operation: string) => void;
  };
  /** Reports current activity in a few words; shown live and logged. */
  progress(text: string): void;
}

/**
 * One change to the world, or one condition to wait for. Plan, dry run, progress, log, activity tree, resume, gcloud
 * equivalent, and undo are derived from this one declaration.
 */
export interface Step<R, W extends R, Out = unknown, Facts = unknown> {
  readonly id: StepId;
  /** Imperative: "Create master disk". */
  readonly title: Message;
  /** Predecessors, by reference: they end before this step starts. */
  readonly after: readonly Step<R, W>[];
  readonly risk?: Risk;
  /** Deadline in cluster time, counted from the moment the step can start. */
  readonly timeoutMs: number;
  /** Wall time added to the deadline: for what does not scale with cluster time, such as another computer's lease. */
  readonly wallMs?: number;
  /** The remedy at its deadline, if "resume continues to wait" is not enough. */
  readonly ifLate?: Remedies;
  /** Usual duration in cluster time; shown, and used for the plan's critical path. */
  readonly expectedMs: number;
  /**
   * What it observes changes by itself (etcd members, pods, Nodes): work may have come up since the plan, so it
   * observes again.
   */
  readonly looksAgain?: true;
  /** The announced wait takes place even if nothing seems to be missing by then: it is more than a single check. */
  readonly insists?: true;
  /** It changes nothing of what the run is for (a lease, a guard): never a reason to run by itself. */
  readonly housekeeping?: true;
  /**
   * It undoes its temporary changes however it ends (`engine/cleanUp.ts`): the run waits for that even past the
   * deadline.
   */
  readonly cleansUp?: true;
  /** Facts are plain data, and all that `decide` needs. They can be undefined if the resource may be absent. */
  observe(ctx: ReadContext<R>): Promise<Facts>;
  /** Pure. Must also decide while nothing is known yet. */
  decide(seen: Seen<Facts>): Decision<Out>;
  /** By now everything is known: `facts` are what the change was decided on. */
  perform(ctx: WriteContext<W>, change: Change, facts: Facts): Promise<Out>;
  /** The step that undoes the creation; steps without it are not undone (verify, wait). */
  inverse?(after: readonly Step<R, W>[]): Step<R, W>;
  /** Never set; carries the output type for `ReadContext.out`. */
  readonly is?: Out;
}
