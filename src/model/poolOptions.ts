import * as v from 'valibot';
import { invalid } from '../lib/operatorError.ts';
import { diskVariables, flagOf, type Exports } from './kubeUpVariables.ts';
import { checkDisk, checkMachineType, usualDisk, type DiskSpec } from './machines.ts';
import { textOption, wholeNumber, type Option } from './option.ts';

/** An option of node pools. This row defines all of it, except its part of an instance template (`steps/template.ts`). */
export interface PoolOption<T> extends Option<T> {
  /** Title in *Customize…*; English. */
  readonly title: string;
  /** The default if neither the request nor another pool sets it. */
  readonly initial: T;
  readonly schema: v.GenericSchema<unknown, T>;
  /** Rejects an invalid value with the rule and an example. */
  check(value: T): T;
  /** The value as a user would type it. */
  show(value: T): string;
  /** Its part of a plan's line; empty if it is not worth mentioning. */
  describe(value: T): string;
  /** kube-up's variables for it. */
  readonly kubeUp: {
    readonly names: readonly string[];
    read(env: Exports): T | undefined;
    write(value: T): Readonly<Record<string, string>>;
  };
}

const row = <T>(option: PoolOption<T>): PoolOption<T> => option;

const machineType = row<string>({
  flag: 'machine-type',
  value: 'TYPE',
  means: 'machine type for the nodes',
  otherwise: 'e2-standard-2, or the same as the other pools',
  title: 'Machine type for the nodes',
  initial: 'e2-standard-2',
  schema: v.string(),
  check: checkMachineType,
  show: (type) => type,
  describe: (type) => type,
  read: (given) => given,
  kubeUp: {
    names: ['NODE_SIZE'],
    read: (env) => env.NODE_SIZE || undefined,
    write: (type) => ({ NODE_SIZE: type }),
  },
});

const disk = row<DiskSpec>({
  flag: 'disk',
  value: 'TYPE:GB',
  means: 'boot disk for the nodes',
  otherwise: 'pd-standard:100, or the same as the other pools',
  title: 'Boot disk for the nodes (type:GB)',
  initial: usualDisk.node,
  schema: v.object({ type: v.string(), sizeGb: v.number() }),
  check: (given) => checkDisk('Node disk', given),
  show: ({ type, sizeGb }) => `${type}:${sizeGb}`,
  describe: ({ type, sizeGb }) => `${type} ${sizeGb} GB`,
  read: (given) => {
    const [, type, size] = /^([a-z-]+):(\d{1,6})$/.exec(given) ?? [];
    if (type === undefined) throw invalid(`Invalid disk, expected type:GB: ${given}`, 'For example: pd-ssd:200');
    return { type, sizeGb: Number(size) };
  },
  kubeUp: diskVariables('node'),
});

const spot = row<boolean>({
  flag: 'spot',
  means: 'use Spot VMs for the nodes: cheaper, but Google can stop them at any time',
  title: 'Use Spot VMs for the nodes (yes or no)',
  initial: false,
  schema: v.boolean(),
  check: (given) => given,
  show: (given) => (given ? 'yes' : 'no'),
  describe: (given) => (given ? 'Spot' : ''),
  // The bare flag means yes.
  read: (given) => {
    if (given === '' || given === 'yes' || given === 'no') return given !== 'no';
    throw invalid(`Must be yes or no: ${given}`, 'For example: no');
  },
  kubeUp: {
    names: ['PREEMPTIBLE_NODE'],
    read: (env) => flagOf(env, 'PREEMPTIBLE_NODE', false) || undefined,
    write: (given): Record<string, string> => (given ? { PREEMPTIBLE_NODE: 'true' } : {}),
  },
});

/** Every option of a node pool, in the order of help and *Customize…*. */
export const poolOptions = { machineType, disk, spot } as const;

/** The settings of a node pool: a value for each option. */
export type PoolSettings = {
  readonly [K in keyof typeof poolOptions]: (typeof poolOptions)[K] extends PoolOption<infer T> ? T : never;
};

/** The settings that a request contains. */
export type PoolRequested = { readonly [K in keyof PoolSettings]?: PoolSettings[K] | undefined };

type Key = keyof PoolSettings;
const rows: Readonly<Record<Key, PoolOption<unknown>>> = poolOptions;
const keys = Object.keys(rows) as Key[];

// Maps each row to a value under its key; the values of one row all have the row's type.
const ofEach = (of: (row: PoolOption<unknown>, key: Key) => unknown): Record<Key, unknown> =>
  Object.fromEntries(keys.map((key) => [key, of(rows[key], key)])) as Record<Key, unknown>;

/** The default settings of a pool. */
export const initialSettings = ofEach((row) => row.initial) as PoolSettings;

/** The requested settings; missing ones are taken from `like`. Every value is checked. */
export const poolSettings = (asked: PoolRequested, like: PoolSettings = initialSettings): PoolSettings =>
  ofEach((row, key) => row.check(asked[key] ?? like[key])) as PoolSettings;

/** Journal schema of the requested settings. */
export const poolEntries = ofEach((row) => v.optional(row.schema)) as {
  [K in Key]: v.OptionalSchema<v.GenericSchema<unknown, PoolSettings[K]>, undefined>;
};

/** Only the settings that are present. */
export const givenOptions = (from: PoolRequested): PoolRequested =>
  Object.fromEntries(keys.flatMap((key) => (from[key] === undefined ? [] : [[key, from[key]]])));

/** The settings in kube-up's variables. */
export const poolFromVariables = (env: Exports): PoolRequested =>
  givenOptions(ofEach((row) => row.kubeUp.read(env)) as PoolRequested);

/** The settings as kube-up's variables. */
export const poolVariables = (settings: PoolSettings): Record<string, string> =>
  Object.fromEntries(keys.flatMap((key) => Object.entries(rows[key].kubeUp.write(settings[key]))));

/** Names of kube-up's variables for pools. */
export const poolVariableNames: readonly string[] = keys.flatMap((key) => rows[key].kubeUp.names);

/** A pool in a plan's line: "e2-standard-2, pd-standard 100 GB". */
export const poolWords = (settings: PoolSettings): string =>
  keys
    .map((key) => rows[key].describe(settings[key]))
    .filter((words) => words !== '')
    .join(', ');

/** An option, as shown by *Customize…*. */
export interface PoolField {
  readonly title: string;
  readonly show: (p: PoolSettings) => string;
  readonly read: (typed: string) => PoolRequested;
}

/** The fields of all options. */
export const poolFields: readonly PoolField[] = keys.map((key) => ({
  title: rows[key].title,
  show: (p) => rows[key].show(p[key]),
  read: (typed) => ({ [key]: rows[key].read(typed) }),
}));

/** Selects a pool. */
export const poolOption: Option<string> = { ...textOption('pool', 'NAME', 'the node pool', 'group'), names: 'pools' };

/** Number of nodes. */
export const nodesOption = wholeNumber('nodes', 'N', 'number of nodes per zone, 0 to 1000', '3');
