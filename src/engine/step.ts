import type { Clock } from '../lib/clock.ts';
import type { Message } from '../lib/message.ts';
import { OperatorError } from '../lib/operatorError.ts';
import type { Remedies } from '../lib/remedy.ts';

/** `kind:name`, stable across runs: journal, log, request ids and activity tree hang on it. */
export type StepId = `${string}:${string}`;

/** What a step may put at stake; shown in the plan. */
export type Risk = 'billing' | 'quorum' | 'endpoint' | 'data';

/**
 * What the world looks like from one step; not known yet where that needs the output of a step that has yet to run. Only a plan
 * has such steps, and only the engine says so. That something is not there is known: its facts are undefined.
 */
export type Seen<Facts> = { readonly known: false } | { readonly known: true; readonly facts: Facts };

/** The facts of a step whose `observe` reads no output, so that they are always known. */
export const knownFacts = <Facts>(seen: Seen<Facts>): Facts => {
  if (seen.known) return seen.facts;
  throw new OperatorError('internal', 'A step waits for an output, but was decided as one that needs none');
};

/** How a step changes the world. `hold` is housekeeping (the lease): never by itself a reason to run. */
export type Effect = 'create' | 'update' | 'delete' | 'wait' | 'hold';

/** A change that `decide` asks for, in words and as the gcloud line that would do the same. */
export interface Change {
  readonly do: Effect;
  /** What exactly: "tcp:443 from 0.0.0.0/0", "3 machines e2-standard-2". */
  readonly detail?: string;
  readonly gcloud?: string;
}

/** Outcome of looking at the world: nothing to do, a change, or a refusal with its reason. */
export type Decision<Out> =
  | { readonly do: 'nothing'; readonly out: Out; readonly detail?: string }
  | Change
  | { readonly do: 'refuse'; readonly error: OperatorError };

/** What observing gets. The world `R` has no writing method, so a plan cannot write (invariant 1). */
export interface ReadContext<R> {
  readonly world: R;
  /** Cluster time. */
  readonly clock: Clock;
  /** Aborts at the step's deadline, and when the person cancels. */
  readonly signal: AbortSignal;
  /** Output of a predecessor. Throws when `step` is not among `after`; while planning also when it is not known yet. */
  out<Out>(step: { readonly id: StepId; readonly is?: Out }): Out;
}

/** What performing gets. */
export interface WriteContext<W> extends ReadContext<W> {
  /** Name of the run that performs it. */
  readonly run: string;
  /**
   * Request id and operation hook of one mutation; `part` tells several mutations of one step apart. Its signal is the
   * deadline only: a person's cancel waits for the operation, so that it is known what exists.
   */
  call(part?: string): {
    readonly requestId: string;
    readonly signal: AbortSignal;
    readonly onOperation: (operation: string) => void;
  };
  /** What is going on right now, in a few words; shown live and logged. */
  progress(text: string): void;
}

/**
 * One change to the world, or one thing to wait for. Plan, dry run, progress, log, activity tree, resume, gcloud equivalent
 * and undo are derived from this one declaration.
 */
export interface Step<R, W extends R, Out = unknown, Facts = unknown> {
  readonly id: StepId;
  /** Imperative: "Create master disk". */
  readonly title: Message;
  /** Edges by reference: these end before this one starts. */
  readonly after: readonly Step<R, W>[];
  readonly risk?: Risk;
  /** Deadline in cluster time, counted from the moment the step could start. */
  readonly timeoutMs: number;
  /** Wall time that the deadline allows for besides: for what no cluster's clock hurries, such as another computer's lease. */
  readonly wallMs?: number;
  /** What to do when its time is over, where "resume goes on waiting" is not enough. */
  readonly ifLate?: Remedies;
  /** Usual duration in cluster time; shown, and used for the critical path of a plan. */
  readonly expectedMs: number;
  /**
   * What it looks at changes by itself (members of etcd, pods, Nodes): where the plan found nothing to do there may be something
   * by its turn, so it looks again.
   */
  readonly looksAgain?: true;
  /** The wait that the plan has announced takes place even if nothing seems to be missing by its turn: it is more than one look. */
  readonly insists?: true;
  /** It changes nothing of what the run is for (a lease, a guard): never by itself a reason to run. */
  readonly housekeeping?: true;
  /** It takes back what it began, however it ends (`engine/cleanUp.ts`): past its deadline, too, the run waits for that. */
  readonly cleansUp?: true;
  /** Facts are plain data: `decide` must not need anything else. Those of something that may not exist can be undefined. */
  observe(ctx: ReadContext<R>): Promise<Facts>;
  /** Pure. Says what becomes of the step while nothing is known yet, too. */
  decide(seen: Seen<Facts>): Decision<Out>;
  /** By its turn everything is known: `facts` are what the change was decided on. */
  perform(ctx: WriteContext<W>, change: Change, facts: Facts): Promise<Out>;
  /** The step that takes back what this one created; steps without it are not undone (verify, wait). */
  inverse?(after: readonly Step<R, W>[]): Step<R, W>;
  /** Never set; carries the output's type for `ReadContext.out`. */
  readonly is?: Out;
}
