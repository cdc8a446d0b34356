import type { Session } from '../compose.ts';
import { english } from '../lib/message.ts';
import { invalid } from '../lib/operatorError.ts';
import { command, toRun } from '../lib/remedy.ts';
import { required, text, zoneOption, zonesOption, type Option } from '../model/option.ts';
import { poolOption } from '../model/poolOptions.ts';
import type { Probed } from '../model/probed.ts';
import type { Prepared } from '../verbs/prepared.ts';
import type { Target, Verb } from '../verbs/verb.ts';
import { carryOut } from './apply.ts';
import { clusterOf } from './clusterName.ts';
import { applying, type Command } from './command.ts';
import { checkWritable, writeReport } from './files.ts';
import type { Terminal } from './terminal.ts';
import type { Arguments } from './arguments.ts';

const zone: Option = { ...required(zoneOption('zone', 'TRIZONE_ZONE')), env: { name: 'TRIZONE_ZONE' } };

/** How a target is given: options, and a word after the verb's own. */
const targets: Readonly<
  Record<Target['on'], Pick<Command, 'rest'> & { readonly options: Readonly<Record<string, Option>> }>
> = {
  cluster: { options: {} },
  zone: { options: { zone } },
  zones: { options: { zones: required(zonesOption('zones')) } },
  pool: { options: { zone, pool: poolOption } },
  master: { options: {}, rest: { value: 'NAME', names: 'masters' } },
  node: { options: {}, rest: { value: 'NAME', names: 'nodes' } },
};

const report: Option = { ...text('report', 'FILE', 'write the report to a file'), names: 'files' };

const agreeing = (v: Verb): readonly Option[] =>
  v.endsCluster === true
    ? [
        ...applying.filter((o) => o.flag !== 'yes'),
        text('yes-delete', 'NAME', 'do not ask for confirmation; repeat the cluster name'),
      ]
    : applying;

// The parts of a request by their keys: of its target, and its own.
const optionsOf = (v: Verb): Readonly<Record<string, Option>> => ({ ...targets[v.target.on].options, ...v.options });

/** The command of a verb. */
export const verbCommand = (v: Verb): Command[] => {
  if (v.help === undefined) return [];
  const { rest } = targets[v.target.on];
  return [
    {
      ...v.help,
      ...(rest === undefined ? {} : { rest }),
      options: [...Object.values(optionsOf(v)), ...(v.help.reports === true ? [report] : []), ...agreeing(v)],
      inCloud: (s, t, w) => runVerb(s, t, w, v),
    },
  ];
};

/** What the words ask a verb for. */
export const requestOf = (v: Verb, t: Pick<Terminal, 'env'>, w: Arguments): Record<string, unknown> => {
  const { rest } = targets[v.target.on];
  const request: Record<string, unknown> = {
    cluster: clusterOf(w, v.endsCluster === true ? 'yes-delete' : 'cluster'),
  };
  for (const [key, option] of Object.entries(optionsOf(v))) {
    const given = w.text(option.flag) ?? fromEnvironment(option, t, w);
    if (given !== undefined) request[key] = option.read(given);
    else if (option.required === true) throw missing(v, option);
  }
  if (rest === undefined) return request;
  const [name] = w.rest;
  if (name === undefined)
    throw invalid(`Missing ${v.target.on} name`, [
      { text: `Usage: trizone ${w.verb} ${rest.value}.` },
      toRun('To list the names', command`trizone status`),
    ]);
  return { ...request, name };
};

const fromEnvironment = ({ env }: Option, t: Pick<Terminal, 'env'>, w: Arguments): string | undefined =>
  env === undefined || (env.unless !== undefined && w.text(env.unless) !== undefined)
    ? undefined
    : t.env[env.name] || undefined;

const missing = (v: Verb, { flag: name, value = '', env }: Option): Error =>
  invalid(
    `--${name} ${value} is required`,
    `For example: ${v.help?.examples[0] ?? ''}${env === undefined ? '' : ` (or set ${env.name})`}`,
  );

const runVerb = async (s: Session, t: Terminal, w: Arguments, v: Verb): Promise<void> => {
  const file = w.text('report');
  if (file !== undefined) checkWritable(file);
  await prepareAndRun(s, t, w, { verb: v, request: requestOf(v, t, w) });
};

/** A verb with what is asked of it. */
export interface Asking<V extends Verb = Verb> {
  readonly verb: V;
  readonly request: Parameters<V['prepare']>[1];
  readonly kubeUp?: boolean;
  /** Whether the words have agreed already, where that is not told by the verb's own options. */
  readonly agreed?: boolean;
  /** What has to be typed. */
  readonly answer?: string;
}

/** Prepares and carries out; whether it was carried out, not only planned. */
export const prepareAndRun = async (s: Session, t: Terminal, w: Arguments, a: Asking): Promise<boolean> => {
  const { verb: v, request } = a;
  const { cluster } = request as { readonly cluster?: string };
  const agreed =
    a.agreed ?? (v.harmless === true || (v.endsCluster === true ? agreedToDelete(w, cluster ?? '') : w.flag('yes')));
  const prepared = await v.prepare(s.world, request, { ids: s.ids, takeOver: w.flag('take-over') });
  if (prepared === undefined) return nothingThere(s, t, v.name, cluster ?? '');
  const p: Prepared = { ...prepared, ...(a.kubeUp === true ? { kubeUp: true } : {}) };
  const title = p.title === undefined ? v.label : english(p.title);
  const answer = a.answer ?? (v.endsCluster === true ? p.cluster : 'yes');
  const done = await carryOut(s, t, w, p, { title, answer, agreed });
  const outcome = w.flag('plan') || (v.endsCluster === true && !done.changed) ? undefined : await p.outcome?.(s.world);
  if (done.changed && v.help?.reports === true) reportOf(s, t, w, p, done.probed);
  for (const line of outcome?.lines ?? []) t.say(line);
  if (t.json) t.document({ ...done.summary, ...outcome?.json });
  return !w.flag('plan');
};

const reportOf = (s: Session, t: Terminal, w: Arguments, p: Prepared, probed: Probed | undefined) => {
  const text = p.report?.(probed, s.world.cloud.label) ?? '';
  const file = w.text('report');
  if (file === undefined) t.say(text);
  else writeReport(file, text);
};

const nothingThere = (s: Session, t: Terminal, verb: string, cluster: string): boolean => {
  t.say(`Cluster ${cluster} has no resources in ${s.world.cloud.label}.`);
  if (t.json) t.document({ verb, cluster, changes: [] });
  return true;
};

/** Whether --yes-delete has named the cluster that goes. */
export const agreedToDelete = (w: Arguments, name: string): boolean => {
  const typed = w.text('yes-delete');
  if (typed !== undefined && typed !== name)
    throw invalid(`--yes-delete names a different cluster: ${typed}, not ${name}`, `Use --yes-delete ${name}.`);
  return typed === name;
};
