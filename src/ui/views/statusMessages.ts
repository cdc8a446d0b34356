import * as v from 'valibot';

/** Severity; drawn as an icon next to text with the same meaning. `busy` spins, `quiet` is neutral. */
const tone = v.picklist(['good', 'warn', 'bad', 'busy', 'quiet']);
const text = v.string();
const texts = v.array(text);
const fact = v.object({ tone, text });

/** Commands that a button of the view may start; each is also in the palette or in a menu. */
export const viewCommands = [
  'trizone.cluster.create',
  'trizone.cluster.validate',
  'trizone.cluster.kubeconfig',
  'trizone.cluster.tearDown',
  'trizone.run.cancel',
  'trizone.run.resume',
  'trizone.run.undo',
  'trizone.run.showLog',
  'trizone.emulator.start',
  'trizone.google.signIn',
  'trizone.google.chooseProject',
  'trizone.refresh',
  'trizone.showLog',
] as const;

const command = v.picklist(viewCommands);
// A cluster by name, a run by ID, or neither: the command then prompts.
const target = v.strictObject({
  cluster: v.optional(v.pipe(v.string(), v.maxLength(63))),
  run: v.optional(v.pipe(v.string(), v.maxLength(100))),
});
const action = v.object({ label: text, command, target, primary: v.boolean() });

const column = v.picklist(['compute', 'kubernetes', 'etcd', 'balancer']);
/** One state of a machine or pool, as one source reports it; `stale`: from before Kubernetes stopped answering. */
const truth = v.object({
  column,
  value: text,
  tone,
  stale: v.boolean(),
});
const member = v.object({
  id: text,
  icon: v.picklist(['master', 'pool']),
  kind: text,
  name: text,
  type: text,
  truths: v.array(truth),
  notes: texts,
});
const zone = v.object({ name: text, summary: text, members: v.array(member) });

const quorum = v.object({
  tone,
  headline: text,
  details: texts,
  /** One per etcd member. */
  pips: v.array(v.picklist(['up', 'down', 'learner'])),
});
/** A line of the cluster: its subject, its state, details. */
const line = v.object({
  icon: v.picklist(['endpoint', 'api', 'validation', 'lease']),
  label: text,
  fact,
  details: texts,
});

const run = v.object({
  id: text,
  title: text,
  state: fact,
  time: text,
  done: v.number(),
  total: v.number(),
  steps: v.array(v.object({ id: text, title: text, tone, time: text, details: texts })),
  actions: v.array(action),
});
const cluster = v.object({
  id: text,
  name: text,
  region: text,
  quorum,
  run: v.optional(run),
  lines: v.array(line),
  zones: v.array(zone),
  actions: v.array(action),
});
const notice = v.object({ tone, title: text, details: texts, actions: v.array(action) });

const head = v.object({ short: text, full: text });

const modelSchema = v.object({
  labels: v.object({
    status: text,
    asTable: text,
    asColumns: text,
    zones: text,
    zone: text,
    kind: text,
    name: text,
    type: text,
    /** Names of the four states: short for the narrow columns, full for the table's headings. */
    truths: v.object({ compute: head, kubernetes: head, etcd: head, balancer: head }),
  }),
  cloud: text,
  emulator: v.optional(v.object({ mark: text, explanation: text })),
  age: v.optional(fact),
  notice: v.optional(notice),
  /** Runs on clusters that the cloud does not list, not yet or no longer. */
  runs: v.array(run),
  clusters: v.array(cluster),
  /** For screen readers: announced when `key` changes, at most every few seconds while it stays. */
  announcement: v.object({ key: text, text }),
});

/** All content of the view, translated and formatted: the webview itself contains no text. */
export type StatusModel = v.InferOutput<typeof modelSchema>;
/** Severity. */
export type Tone = v.InferOutput<typeof tone>;
/** A text with its severity. */
export type Fact = v.InferOutput<typeof fact>;
/** A button. */
export type Action = v.InferOutput<typeof action>;
/** Target of a command. */
export type ActionTarget = v.InferOutput<typeof target>;
/** A master or a node pool in its zone. */
export type MemberView = v.InferOutput<typeof member>;
/** One column of the view. */
export type ZoneView = v.InferOutput<typeof zone>;
/** The quorum and what it tolerates. */
export type QuorumView = v.InferOutput<typeof quorum>;
/** A line of a cluster. */
export type LineView = v.InferOutput<typeof line>;
/** A run in progress, or one that stopped and can be resumed. */
export type RunView = v.InferOutput<typeof run>;
/** One cluster. */
export type ClusterPanel = v.InferOutput<typeof cluster>;
/** A problem, or a hint to get started. */
export type NoticeView = v.InferOutput<typeof notice>;

/** Extension → webview. */
export const toWebview = v.object({ type: v.literal('model'), model: modelSchema });
/** A message to the webview. */
export type ToWebview = v.InferOutput<typeof toWebview>;

/** Webview → extension. */
export const fromWebview = v.variant('type', [
  v.strictObject({ type: v.literal('ready') }),
  v.strictObject({ type: v.literal('run'), command, target }),
]);
/** A message from the webview. */
export type FromWebview = v.InferOutput<typeof fromWebview>;
