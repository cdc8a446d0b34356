import { parseArgs } from 'node:util';
import { invalid, type OperatorError } from '../lib/operatorError.ts';

const optionTable = {
  project: { type: 'string' },
  cluster: { type: 'string' },
  endpoint: { type: 'string' },
  zone: { type: 'string' },
  zones: { type: 'string' },
  pool: { type: 'string' },
  nodes: { type: 'string' },
  'machine-type': { type: 'string' },
  'master-type': { type: 'string' },
  kubernetes: { type: 'string' },
  'subnet-range': { type: 'string' },
  'pod-range': { type: 'string' },
  'service-range': { type: 'string' },
  'api-allow': { type: 'string' },
  spot: { type: 'boolean' },
  plan: { type: 'boolean' },
  yes: { type: 'boolean' },
  'yes-delete': { type: 'string' },
  'take-over': { type: 'boolean' },
  json: { type: 'boolean' },
  output: { type: 'string' },
  merge: { type: 'boolean' },
  report: { type: 'string' },
  'pause-after': { type: 'string' },
  export: { type: 'boolean' },
  port: { type: 'string' },
  state: { type: 'string' },
  'time-scale': { type: 'string' },
  faults: { type: 'string' },
  forget: { type: 'string' },
  region: { type: 'string' },
  help: { type: 'boolean' },
  version: { type: 'boolean' },
} as const;

/** Name of an option. */
export type Option = keyof typeof optionTable;

/** Parsed words of the command line. */
export interface Words {
  readonly verb: string;
  readonly rest: readonly string[];
  text(option: Option): string | undefined;
  flag(option: Option): boolean;
}

const everywhere: readonly Option[] = ['project', 'cluster', 'region', 'endpoint', 'json', 'help', 'version'];
const applying: readonly Option[] = ['plan', 'yes', 'take-over'];

/** A verb: what it does in a line, the words after it, and the options that it knows beside those of every verb. */
export interface Verb {
  readonly does: string;
  readonly rest?: string;
  readonly options: readonly Option[];
}

/** Every verb of the command line; the help is drawn from this. */
export const verbs = {
  up: {
    does: 'create a cluster in one zone or several, or go on with it',
    options: [
      ...applying,
      'zone',
      'zones',
      'nodes',
      'machine-type',
      'master-type',
      'kubernetes',
      'subnet-range',
      'pod-range',
      'service-range',
      'api-allow',
      'spot',
    ],
  },
  down: { does: 'tear a cluster down until nothing of it is left', options: ['plan', 'take-over', 'yes-delete'] },
  pool: {
    does: 'add, resize or remove a node pool in a zone',
    rest: 'add|resize|remove',
    options: [...applying, 'zone', 'pool', 'nodes', 'machine-type', 'spot'],
  },
  replicate: { does: 'add a master in a zone', options: [...applying, 'zone'] },
  'make-ha': { does: 'one master in each of these zones, as one plan', options: [...applying, 'zones'] },
  master: {
    does: 'start a master, repair it, or take it away',
    rest: 'start|repair|remove NAME',
    options: [...applying, 'zone'],
  },
  drill: {
    does: 'halt a master, watch the cluster carry on, and start it again',
    rest: 'halt NAME',
    options: [...applying, 'report'],
  },
  smoke: { does: 'fetch nginx from a pod in every zone', options: applying },
  protect: { does: 'refuse drills, removals and tear down, or no longer', rest: 'on|off', options: applying },
  validate: { does: 'check a cluster from every side', options: [] },
  status: { does: 'show the clusters of the project', options: [] },
  kubeconfig: { does: 'get a kubeconfig for kubectl', options: ['output', 'merge'] },
  leftovers: { does: 'list what interrupted tear downs left behind', options: [] },
  runs: { does: 'list the runs of this computer, or forget one', options: ['forget'] },
  resume: { does: 'go on with an interrupted run', rest: '[RUN]', options: [...applying, 'yes-delete'] },
  undo: { does: 'take back what a run made', rest: '[RUN]', options: applying },
  'kube-up': {
    does: "the article's kube-up.sh: reads its environment variables (--export: writes a cluster as such)",
    options: [...applying, 'export'],
  },
  'kube-down': { does: "the article's kube-down.sh: reads its environment variables", options: applying },
  article: {
    does: 'run the whole article on an emulator, a line for each of its thirteen steps',
    rest: '[FILE]',
    options: ['pause-after', 'state', 'time-scale'],
  },
  emulator: {
    does: 'start a Compute Engine on this computer (or: stop, reset)',
    rest: '[stop|reset]',
    options: ['port', 'state', 'time-scale', 'faults'],
  },
} as const satisfies Record<string, Verb>;

/** Name of a verb. */
export type VerbName = keyof typeof verbs;

const isVerb = (word: string): word is VerbName => Object.hasOwn(verbs, word);

/** Reads the command line; a wrong word is refused with the nearest right one. */
export const readWords = (argv: readonly string[]): Words & { verb: VerbName | 'help' | 'version' } => {
  const { values, positionals } = parse(argv);
  const [verb, ...rest] = positionals;
  const words = {
    rest,
    text: (o: Option) => (typeof values[o] === 'string' ? values[o] : undefined),
    flag: (o: Option) => values[o] === true,
  };
  if (words.flag('version')) return { verb: 'version', ...words };
  if (verb === undefined || verb === 'help' || words.flag('help')) return { verb: 'help', ...words };
  if (!isVerb(verb))
    throw invalid(`No such verb: ${verb}`, `Did you mean ${nearest(verb, Object.keys(verbs))}? See: trizone help`);
  checkOptions(verb, values);
  if (rest.length > wordsAfter(verbs[verb]))
    throw invalid(`Too many words after ${verb}: ${rest.join(' ')}`, 'See: trizone help');
  return { verb, ...words };
};

const wordsAfter = (verb: Verb): number => verb.rest?.split(' ').length ?? 0;

const parse = (argv: readonly string[]) => {
  try {
    return parseArgs({ args: [...argv], options: optionTable, allowPositionals: true, strict: true });
  } catch (error) {
    throw notUnderstood(error instanceof Error ? error.message : String(error));
  }
};

// Node's messages name the option as it was typed, or as it is to be written.
const notUnderstood = (message: string): OperatorError => {
  const typed = /'(-[^' ]+)/.exec(message)?.[1] ?? '';
  const name = typed.replace(/^-+/, '');
  if (!isOption(name)) {
    const known = `Did you mean --${nearest(name, Object.keys(optionTable))}? See: trizone help`;
    return invalid(`No such option: ${typed}`, typed.startsWith('--') ? known : 'See: trizone help');
  }
  return optionTable[name].type === 'string'
    ? invalid(`Option needs a value: ${typed}`, `Write ${typed}=VALUE`)
    : invalid(`Option takes no value: ${typed}`, `Say ${typed} alone.`);
};

const isOption = (name: string): name is Option => Object.hasOwn(optionTable, name);

const checkOptions = (verb: VerbName, given: Readonly<Record<string, unknown>>): void => {
  const known: readonly string[] = [...everywhere, ...verbs[verb].options];
  const strange = Object.keys(given).find((o) => !known.includes(o));
  if (strange !== undefined) {
    throw invalid(`${verb} does not know --${strange}`, `It knows: ${known.map((o) => `--${o}`).join(' ')}`);
  }
  const empty = Object.keys(given).find((o) => given[o] === '');
  if (empty !== undefined)
    throw invalid(`Option needs a value: --${empty}`, `Write --${empty}=VALUE, or leave it out.`);
};

/** The word with the smallest edit distance. */
export const nearest = (typed: string, known: readonly string[]): string =>
  known.reduce((best, word) => (distance(typed, word) < distance(typed, best) ? word : best), known[0] ?? '');

const distance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, swap));
    }
    row = next;
  }
  return row[b.length] ?? 0;
};

/** Text of `trizone help`. */
export const helpText = (): string => {
  const rows = Object.entries<Verb>(verbs).map(([name, v]) => `  ${`${name} ${v.rest ?? ''}`.padEnd(24)} ${v.does}`);
  return [
    'trizone: highly available Kubernetes on Google Compute Engine',
    '',
    ...rows,
    '',
    'With every verb: --project P, --cluster NAME, --region R (of two clusters of one name), --endpoint URL (a loopback emulator), --json, --help.',
    '--plan shows what would be done and stops; --yes does it without a question; --take-over goes on in place of a run that is gone.',
    'Exit codes: 0 done, 1 failed, 2 wrong use, 3 refused by a guard, 130 cancelled.',
  ].join('\n');
};
