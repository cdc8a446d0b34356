import * as v from 'valibot';
import type { PlanRecord, StoredRun } from '../engine/journalRecords.ts';
import type { Message } from '../lib/message.ts';
import { OperatorError } from '../lib/operatorError.ts';
import { command, toRun } from '../lib/remedy.ts';
import type { Reads } from '../steps/world.ts';
import type { Option } from '../model/option.ts';
import type { Prepared, Preparing, VerbOptions, Work } from './prepared.ts';

/** A verb's target besides its cluster. If it is missing, the user is asked `question` ({0}: the cluster). */
export type VerbTarget =
  | { readonly on: 'cluster' }
  | { readonly on: 'zone' | 'zones' | 'pool' | 'master' | 'node'; readonly question: string };

/** Headings of `trizone help`, in order. */
export const groups = [
  'Create and tear down',
  'Masters',
  'Node pools',
  'Test',
  'Inspect',
  'Runs',
  'Article scripts',
  'Emulator',
  'Shell',
] as const;

/** One of these headings. */
export type Group = (typeof groups)[number];

/** A verb on the command line. */
export interface Help {
  /** The command's words: `pool resize`. */
  readonly words: string;
  /** One line: what it does. */
  readonly does: string;
  /** Its heading in `trizone help`. */
  readonly group: Group;
  /** Command lines to paste. */
  readonly examples: readonly string[];
  /** What it never does, or refuses. */
  readonly never?: string;
  /** Its report can be written to a file. */
  readonly reports?: true;
}

/** One of two ways to do something. */
interface Way {
  readonly label: string;
  readonly detail: string;
}

/** A verb in the editor: a command of the palette, and its place in the menus. */
export interface Palette {
  /** `pool.resize` of `trizone.pool.resize`. */
  readonly command: string;
  /** English; its translation is in the nls files. */
  readonly title: string;
  /** A codicon. */
  readonly icon: string;
  /** The confirmation button. */
  readonly button: string;
  /** Asks whether to do it in place or in another zone. */
  readonly ways?: { readonly question: string; readonly here: Way; readonly elsewhere: Way };
  /** Asks for a number of nodes; {0} is their location, {1} their current number. */
  readonly nodes?: string;
  /** Tree items that offer it, their other conditions, and its menu group; omitted if it is offered elsewhere. */
  readonly menu?: { readonly on: readonly string[]; readonly needs?: readonly string[]; readonly group: string };
}

/** Options for the parts of a request. */
type Options<Request> = { readonly [K in keyof Request]?: Option<Exclude<Request[K], undefined>> };

/** Properties of a verb. `Request` is its input. */
interface VerbFacts<Request extends object> {
  /** Name in journals, leases, and labels (a label's value: letters, digits, dashes). */
  readonly name: string;
  /** What it does to a cluster, in a few words; {0} is the cluster. */
  readonly label: string;
  /** Whether a protected cluster refuses it: drills, removals, and teardown. */
  readonly risky: boolean;
  /** Whether the API must remain available throughout. */
  readonly probed: boolean;
  /** It tears down the whole cluster: the command line asks for the cluster's name. */
  readonly endsCluster?: true;
  /** It changes nothing that needs the user's consent. */
  readonly harmless?: true;
  readonly target: VerbTarget;
  /** Options for the parts of a request that the target does not determine. */
  readonly options: Options<NoInfer<Request>>;
  readonly help?: Help;
  readonly palette?: Palette;
  /** The complete request in words. */
  title(request: Request): Message;
  /** The text to type for confirmation, if a plain yes is not enough. */
  typed?(request: Request): string;
  /** Whether its cluster may be missing on resume: the run has not created it yet, or deletes it itself. */
  readonly mayLackCluster?: true;
}

/** The definition of a verb. `Stored` is what its journal keeps of the request and of the plan's choices. */
export interface VerbParts<Request extends object, Stored, W extends Work | undefined> extends VerbFacts<Request> {
  readonly stored: v.GenericSchema<unknown, Stored>;
  /** Reads only. Undefined if there is nothing left to do. */
  prepare(world: Reads, request: Request, o: Preparing): Promise<W>;
  /** Prepares again, from what its journal stores. */
  again(
    world: Reads,
    stored: Stored,
    o: Preparing,
    run: PlanRecord,
    runs: readonly StoredRun[],
  ): Promise<Work | undefined>;
  /** Undoes what a run of it created; a verb without it can only be resumed. */
  readonly undo?: (world: Reads, run: StoredRun, stored: Stored, o: Preparing) => Promise<Work>;
}

type Named<W> = W extends Work ? Omit<W, 'again'> & Prepared : undefined;

/** A verb: its single definition. */
export interface Verb<
  Request extends object = object,
  W extends Work | undefined = Work | undefined,
> extends VerbFacts<Request> {
  prepare(world: Reads, request: Request, o: VerbOptions): Promise<Named<W>>;
  /** Prepares again for the same cluster, from its journal. Undefined if there is nothing left to do. */
  again(world: Reads, plan: PlanRecord, o: VerbOptions, runs: readonly StoredRun[]): Promise<Prepared | undefined>;
  /** Whether its runs can be undone. */
  readonly adds: boolean;
  /** Undo of one of its runs, under the name `undo`; undefined if not possible. */
  undo?(world: Reads, run: StoredRun, o: Preparing): Promise<Work>;
}

/** Builds a verb from its definition. */
export const verb = <Request extends object, Stored, W extends Work | undefined>(
  parts: VerbParts<Request, Stored, W>,
): Verb<Request, W> => {
  const { undo, ...facts } = parts;
  const { name, label, probed, risky } = facts;
  const adds = undo !== undefined;
  const preparing = ({ ids, takeOver }: VerbOptions): Preparing => ({ ids, by: { verb: name, risky, takeOver } });
  const named = <T extends Work | undefined>(work: T): Named<T> => (work && complete(work)) as Named<T>;
  const complete = ({ again, ...work }: Work): Prepared => ({
    ...{ ...work, verb: name, label, adds, probed },
    ...(again && { again: async (world: Reads) => named(await again(world)) }),
  });
  const stored = (plan: PlanRecord): Stored => {
    const parsed = v.safeParse(parts.stored, plan.input);
    if (parsed.success) return parsed.output;
    throw new OperatorError('journal', `The run's journal does not contain its request: ${plan.run}`, {
      remedy: toRun(
        'Run the command again; existing resources are found in the cloud. To forget the run',
        command`trizone runs --forget ${plan.run}`,
      ),
    });
  };
  return {
    ...facts,
    adds,
    prepare: async (world, request, options) => {
      const work = await parts.prepare(world, request, preparing(options));
      return work && { ...named(work), title: parts.title(request), typed: parts.typed?.(request) };
    },
    ...(undo && { undo: (world, run, o) => undo(world, run, stored(run.plan), o) }),
    again: async (world, plan, o, runs) => named(await parts.again(world, stored(plan), preparing(o), plan, runs)),
  };
};
