import * as v from 'valibot';
import { parseJson } from '../../src/kube/answer.ts';
import type { KubeConnection, KubeRequest } from '../../src/kube/connection.ts';
import type { Clock } from '../../src/lib/clock.ts';
import { poll } from '../../src/lib/deadline.ts';
import { OperatorError } from '../../src/lib/operatorError.ts';
import { reduced, type Answer } from './kubernetesAnswers.ts';

/** A cluster of one master and one node in europe-west1-b, and access to it. */
export interface Site {
  readonly api: KubeConnection;
  readonly clock: Clock;
  /** Adds a second node to the pool, then masters in zones c and d. */
  grow(): Promise<void>;
  /** Stops the machine of that name. */
  stop(name: string): Promise<void>;
  /** Output of `trizone validate --json`. */
  validate(): Promise<unknown>;
}

/** The fields of an object that the story needs to navigate. */
export const object = v.looseObject({
  kind: v.optional(v.string()),
  metadata: v.looseObject({ name: v.string(), labels: v.optional(v.record(v.string(), v.string()), {}) }),
  spec: v.optional(v.looseObject({ nodeName: v.optional(v.string()) }), {}),
  status: v.optional(
    v.looseObject({
      phase: v.optional(v.string()),
      conditions: v.optional(v.array(v.looseObject({ type: v.string(), status: v.string() })), []),
    }),
  ),
});
export type Found = v.InferOutput<typeof object>;
const list = v.looseObject({
  kind: v.string(),
  metadata: v.looseObject({ resourceVersion: v.string() }),
  items: v.array(object),
});
/** Selects the objects of a list to keep. */
export type Pick = (items: readonly Found[]) => readonly (Found | undefined)[];

/** Lists as requested by the shipped reader. */
export const nodesPath = '/api/v1/nodes?limit=500';
export const systemPods = '/api/v1/namespaces/kube-system/pods?limit=500';
export const ownPods = '/api/v1/namespaces/default/pods?limit=500';
/** One request, and its answer in stored form. */
export const ask = async ({ api }: Site, question: KubeRequest, pick?: Pick): Promise<Answer> => {
  const { status, text } = await api.send(question);
  const body = parseJson(text) ?? text;
  const asked = `${question.method} ${question.path}`;
  if (pick === undefined) return { asked, status, body: oneOf(body) };
  const { kind, metadata, items } = v.parse(list, body);
  const itemKind = kind.replace(/List$/, '');
  const picked = pick(items).filter((one) => one !== undefined);
  return { asked, status, body: { kind, metadata, items: picked.map((one) => reduced(itemKind, one)) } };
};

const oneOf = (body: unknown): unknown => {
  const parsed = v.safeParse(v.looseObject({ kind: v.string() }), body);
  if (parsed.success) return reduced(parsed.output.kind, parsed.output);
  return v.is(v.looseObject({ gitVersion: v.string() }), body) ? reduced('Version', body) : body;
};

/** A change: only errors in its answer are read. */
export const change = async (site: Site, question: KubeRequest): Promise<Answer> => {
  const answer = await ask(site, question);
  return answer.status < 300 ? { ...answer, body: null } : answer;
};

/** A read, repeated until it is answered. */
export const get = (site: Site, path: string, pick?: Pick): Promise<Answer> =>
  patiently(site, path, () => ask(site, { method: 'GET', path }, pick));

/** A command in the first master's etcd, also repeated. */
export const run = (site: Site, command: readonly string[]): Promise<Answer> =>
  patiently(site, command.join(' '), async () => {
    const { ok, output, errors } = await site.api.exec('kube-system', 'etcd-kubernetes-master', 'etcd', command);
    return { asked: command.join(' '), status: ok ? 0 : 1, body: { output, errors } };
  });

/** The first master, and which Nodes are not masters. */
export const master = 'kubernetes-master';
export const isWorker = (name: string): boolean => name.startsWith('kubernetes-minion-group-');
/** The first object with a matching name. */
export const named = (items: readonly Found[], test: RegExp): Found | undefined =>
  items.find((o) => test.test(o.metadata.name));

/** Status of the condition Ready. */
export const readyOf = ({ status }: Found): string | undefined =>
  status?.conditions.find((c) => c.type === 'Ready')?.status;

/** Retries until there is an answer: masters come and go here, and machines are busy. A timeout names what was awaited. */
export const patiently = async <T>(site: Site, what: string, look: () => Promise<T | undefined>): Promise<T> => {
  const deadline = site.clock.now() + 300_000;
  let last: unknown;
  return poll(site.clock, 1000, new AbortController().signal, async () => {
    if (site.clock.now() > deadline) throw new Error(`Not within 5 minutes: ${what}`, { cause: last });
    try {
      return await look();
    } catch (error) {
      if (!OperatorError.is(error, 'kubernetes')) throw error;
      last = error;
      return undefined;
    }
  });
};

/** Waits until a condition holds. */
export const until = (site: Site, what: string, holds: () => Promise<boolean>): Promise<true> =>
  patiently(site, what, async () => ((await holds()) ? true : undefined));

/** The current items of a list. */
export const itemsOf = async (site: Site, path: string): Promise<Found[]> =>
  (await site.api.list(path.replace('?limit=500', ''), object)).items;

/** Server-side apply, as in the shipped writer. */
export const apply = (path: string, object: object): KubeRequest => ({
  method: 'PATCH',
  path: `${path}?fieldManager=trizone&force=true`,
  body: { type: 'application/apply-patch+yaml', text: JSON.stringify(object) },
});

/** The first Node that is not a master. */
export const workerOf = async (site: Site): Promise<string> =>
  (await itemsOf(site, nodesPath)).find((o) => isWorker(o.metadata.name))?.metadata.name ?? '';

/** The first object for each of these names. */
export const first =
  (...tests: RegExp[]): Pick =>
  (items) =>
    tests.map((test) => named(items, test));
