import type { Session } from '../compose.ts';
import { english } from '../lib/message.ts';
import { invalid } from '../lib/operatorError.ts';
import { command, toRun } from '../lib/remedy.ts';
import { required, textOption, zoneOption, zonesOption, type Option } from '../model/option.ts';
import { poolOption } from '../model/poolOptions.ts';
import type { Probed } from '../model/probed.ts';
import type { Prepared } from '../verbs/prepared.ts';
import type { VerbTarget, Verb } from '../verbs/verb.ts';
import { planAndApply } from './apply.ts';
import { clusterArgument } from './clusterName.ts';
import { applying, type Command } from './command.ts';
import { checkWritable, writeReport } from './files.ts';
import type { Terminal } from './terminal.ts';
import type { Arguments } from './arguments.ts';

const zone: Option = { ...required(zoneOption('zone', 'TRIZONE_ZONE')), env: { name: 'TRIZONE_ZONE' } };

/** How a target is specified: by options, or by a word after the verb's own. */
const targets: Readonly<
  Record<VerbTarget['on'], Pick<Command, 'rest'> & { readonly options: Readonly<Record<string, Option>> }>
> = {
  cluster: { options: {} },
  zone: { options: { zone } },
  zones: { options: { zones: required(zonesOption('zones')) } },
  pool: { options: { zone, pool: poolOption } },
  master: { options: {}, rest: { value: 'NAME', names: 'masters' } },
  node: { options: {}, rest: { value: 'NAME', names: 'nodes' } },
};

const report: Option = { ...textOption('report', 'FILE', 'write the report to a file'), names: 'files' };

const agreeing = (verb: Verb): readonly Option[] =>
  verb.endsCluster === true
    ? [
        ...applying.filter((o) => o.flag !== 'yes'),
        textOption('yes-delete', 'NAME', 'do not ask for confirmation; repeat the cluster name'),
      ]
    : applying;

// The options of a request by key: those of its target, and its own.
const optionsOf = (v: Verb): Readonly<Record<string, Option>> => ({ ...targets[v.target.on].options, ...v.options });

/** The command of a verb. */
export const verbCommand = (verb: Verb): Command[] => {
  if (verb.help === undefined) return [];
  const { rest } = targets[verb.target.on];
  return [
    {
      ...verb.help,
      ...(rest === undefined ? {} : { rest }),
      options: [...Object.values(optionsOf(verb)), ...(verb.help.reports === true ? [report] : []), ...agreeing(verb)],
      inCloud: (s, t, w) => runVerb(s, t, w, verb),
    },
  ];
};

/** The request to a verb from a command line. */
export const requestOf = (verb: Verb, terminal: Pick<Terminal, 'env'>, args: Arguments): Record<string, unknown> => {
  const { rest } = targets[verb.target.on];
  const request: Record<string, unknown> = {
    cluster: clusterArgument(args, verb.endsCluster === true ? 'yes-delete' : 'cluster'),
  };
  for (const [key, option] of Object.entries(optionsOf(verb))) {
    const given = args.text(option.flag) ?? fromEnvironment(option, terminal, args);
    if (given !== undefined) request[key] = option.read(given);
    else if (option.required === true) throw missing(verb, option);
  }
  if (rest === undefined) return request;
  const [name] = args.rest;
  if (name === undefined)
    throw invalid(`Missing ${verb.target.on} name`, [
      { text: `Usage: trizone ${args.verb} ${rest.value}.` },
      toRun('To list the names', command`trizone status`),
    ]);
  return { ...request, name };
};

const fromEnvironment = ({ env }: Option, terminal: Pick<Terminal, 'env'>, args: Arguments): string | undefined =>
  env === undefined || (env.unless !== undefined && args.text(env.unless) !== undefined)
    ? undefined
    : terminal.env[env.name] || undefined;

const missing = (verb: Verb, { flag: name, value = '', env }: Option): Error =>
  invalid(
    `--${name} ${value} is required`,
    `For example: ${verb.help?.examples[0] ?? ''}${env === undefined ? '' : ` (or set ${env.name})`}`,
  );

const runVerb = async (session: Session, terminal: Terminal, args: Arguments, verb: Verb): Promise<void> => {
  const file = args.text('report');
  if (file !== undefined) checkWritable(file);
  await prepareAndRun(session, terminal, args, { verb, request: requestOf(verb, terminal, args) });
};

/** A verb and its request. */
export interface VerbCommand<V extends Verb = Verb> {
  readonly verb: V;
  readonly request: Parameters<V['prepare']>[1];
  readonly kubeUp?: boolean;
  /** Whether the command line has already confirmed it, if the verb's own options do not tell. */
  readonly agreed?: boolean;
  /** The confirmation to type. */
  readonly answer?: string;
}

/** Prepares and applies a verb; returns whether it was applied, not only planned. */
export const prepareAndRun = async (
  session: Session,
  terminal: Terminal,
  args: Arguments,
  asking: VerbCommand,
): Promise<boolean> => {
  const { verb: v, request } = asking;
  const { cluster } = request as { readonly cluster?: string };
  const agreed =
    asking.agreed ??
    (v.harmless === true || (v.endsCluster === true ? agreedToDelete(args, cluster ?? '') : args.flag('yes')));
  const prepared = await v.prepare(session.world, request, { ids: session.ids, takeOver: args.flag('take-over') });
  if (prepared === undefined) return nothingThere(session, terminal, v.name, cluster ?? '');
  const p: Prepared = { ...prepared, ...(asking.kubeUp === true ? { kubeUp: true } : {}) };
  const title = p.title === undefined ? v.label : english(p.title);
  const answer = asking.answer ?? (v.endsCluster === true ? p.cluster : 'yes');
  const done = await planAndApply(session, terminal, args, p, { title, answer, agreed });
  const outcome =
    args.flag('plan') || (v.endsCluster === true && !done.changed) ? undefined : await p.outcome?.(session.world);
  if (done.changed && v.help?.reports === true) reportOf(session, terminal, args, p, done.probed);
  for (const line of outcome?.lines ?? []) terminal.write(line);
  if (terminal.json) terminal.document({ ...done.summary, ...outcome?.json });
  return !args.flag('plan');
};

const reportOf = (
  session: Session,
  terminal: Terminal,
  args: Arguments,
  prepared: Prepared,
  probed: Probed | undefined,
) => {
  const text = prepared.report?.(probed, session.world.cloud.label) ?? '';
  const file = args.text('report');
  if (file === undefined) terminal.write(text);
  else writeReport(file, text);
};

const nothingThere = (session: Session, terminal: Terminal, verb: string, cluster: string): boolean => {
  terminal.write(`Cluster ${cluster} has no resources in ${session.world.cloud.label}.`);
  if (terminal.json) terminal.document({ verb, cluster, changes: [] });
  return true;
};

/** Whether --yes-delete names the cluster to be torn down. */
export const agreedToDelete = (args: Arguments, name: string): boolean => {
  const typed = args.text('yes-delete');
  if (typed !== undefined && typed !== name)
    throw invalid(`--yes-delete names a different cluster: ${typed}, not ${name}`, `Use --yes-delete ${name}.`);
  return typed === name;
};
