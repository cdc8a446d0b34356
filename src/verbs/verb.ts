import * as v from 'valibot';
import type { PlanRecord, StoredRun } from '../engine/journalRecords.ts';
import type { Message } from '../lib/message.ts';
import { OperatorError } from '../lib/operatorError.ts';
import { command, toRun } from '../lib/remedy.ts';
import type { Reads } from '../steps/world.ts';
import type { Option } from '../model/option.ts';
import type { Prepared, Preparing, VerbOptions, Work } from './prepared.ts';

/** What a verb is about, beside its cluster. Where it is not given, a person is asked `question` ({0}: the cluster). */
export type VerbTarget =
  | { readonly on: 'cluster' }
  | { readonly on: 'zone' | 'zones' | 'pool' | 'master' | 'node'; readonly question: string };

/** Headings of `trizone help`, in their order. */
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

/** One of them. */
export type Group = (typeof groups)[number];

/** How the command line speaks of a verb. */
export interface Help {
  /** The words that say it: `pool resize`. */
  readonly words: string;
  /** One line: what it does. */
  readonly does: string;
  /** Heading of `trizone help` under which it stands. */
  readonly group: Group;
  /** Lines that can be pasted. */
  readonly examples: readonly string[];
  /** What it does not do, or refuses. */
  readonly never?: string;
  /** Its report can be written to a file. */
  readonly reports?: true;
}

/** One of two ways to do something. */
interface Way {
  readonly label: string;
  readonly detail: string;
}

/** How the editor offers a verb: a command of the palette, and its place in the menus. */
export interface Palette {
  /** `pool.resize` of `trizone.pool.resize`. */
  readonly command: string;
  /** English; its translation is in the nls files. */
  readonly title: string;
  /** A codicon. */
  readonly icon: string;
  /** The button that says yes. */
  readonly button: string;
  /** Asks whether it is to be done where it is, or in another zone. */
  readonly ways?: { readonly question: string; readonly here: Way; readonly elsewhere: Way };
  /** Asks for a number of nodes; {0} is where they are, {1} how many there are now. */
  readonly nodes?: string;
  /** Tree items that offer it, what else must be true of them, and its place; none where it stands elsewhere. */
  readonly menu?: { readonly on: readonly string[]; readonly needs?: readonly string[]; readonly group: string };
}

/** How the parts of a request are given. */
type Options<Request> = { readonly [K in keyof Request]?: Option<Exclude<Request[K], undefined>> };

/** What is true of a verb. `Request` is what is asked for. */
interface VerbFacts<Request extends object> {
  /** As journals, leases and labels have it (a label's value: letters, digits, dashes). */
  readonly name: string;
  /** What it does to a cluster, in few words; {0} is the cluster. */
  readonly label: string;
  /** Whether a protected cluster refuses it: drills, removals and the tear down. */
  readonly risky: boolean;
  /** Whether the API must answer all the time while it works. */
  readonly probed: boolean;
  /** It takes the whole cluster away: the command line asks for its name. */
  readonly endsCluster?: true;
  /** It changes nothing that a person would have to agree to. */
  readonly harmless?: true;
  readonly target: VerbTarget;
  /** How the parts of a request are given that its target does not tell. */
  readonly options: Options<NoInfer<Request>>;
  readonly help?: Help;
  readonly palette?: Palette;
  /** The whole of what is asked for. */
  title(request: Request): Message;
  /** What has to be typed before it is done, where a plain yes will not do. */
  typed?(request: Request): string;
  /** Whether its cluster may be gone when it is resumed: it has not made it yet, or takes it away itself. */
  readonly mayLackCluster?: true;
}

/** What makes a verb. `Stored` is what its journal keeps of the request and of what the plan chose. */
export interface VerbParts<Request extends object, Stored, W extends Work | undefined> extends VerbFacts<Request> {
  readonly stored: v.GenericSchema<unknown, Stored>;
  /** Reads only. Undefined where nothing is left to do. */
  prepare(world: Reads, request: Request, o: Preparing): Promise<W>;
  /** The same once more, from what its journal keeps. */
  again(
    world: Reads,
    stored: Stored,
    o: Preparing,
    run: PlanRecord,
    runs: readonly StoredRun[],
  ): Promise<Work | undefined>;
  /** Takes back what a run of it has made; a verb without it can only be resumed. */
  readonly undo?: (world: Reads, run: StoredRun, stored: Stored, o: Preparing) => Promise<Work>;
}

type Named<W> = W extends Work ? Omit<W, 'again'> & Prepared : undefined;

/** A verb: the one place that says what it is. */
export interface Verb<
  Request extends object = object,
  W extends Work | undefined = Work | undefined,
> extends VerbFacts<Request> {
  prepare(world: Reads, request: Request, o: VerbOptions): Promise<Named<W>>;
  /** The same once more for the same cluster, from its journal. Undefined where nothing is left to do. */
  again(world: Reads, plan: PlanRecord, o: VerbOptions, runs: readonly StoredRun[]): Promise<Prepared | undefined>;
  /** Whether its runs can be undone. */
  readonly adds: boolean;
  /** Undo of a run of it, under the name of `undo`; undefined where that cannot be. */
  undo?(world: Reads, run: StoredRun, o: Preparing): Promise<Work>;
}

/** Makes a verb of its parts. */
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
