import * as v from 'valibot';
import type { Clock } from '../lib/clock.ts';
import { invalid, OperatorError } from '../lib/operatorError.ts';
import { manifestPath } from './apply.ts';
import { parseJson, refused } from './answer.ts';
import { KubeConnection, type KubeAnswer, type KubeRequest } from './connection.ts';
import { etcdctl, etcdctlAt, parseAlarms, parseMembers } from './etcdctl.ts';
import type { EtcdState, Eviction, Kubernetes, KubernetesWriter } from './kubernetes.ts';
import { cloudUsers } from './cloudUsers.ts';
import { watchNodes } from './nodeWatch.ts';
import { boundPod, cordonedByKey, lease, node, pod } from './objects.ts';

/**
 * A connection based on a kubeconfig's current context, through its `proxy-url` if it has one. Sends nothing yet. Only
 * certificates and tokens are accepted as credentials: a kubeconfig that would run a program here is refused.
 */
export const connectKubernetes = async (kubeconfig: string, clock: Clock): Promise<KubernetesWriter> => {
  const { Exec, KubeConfig } = await clock.hold(() => import('./library.ts'));
  const config = new KubeConfig();
  try {
    config.loadFromString(kubeconfig);
  } catch (cause) {
    throw new OperatorError('invalid-input', 'Invalid kubeconfig: cannot be parsed', { cause });
  }
  refuseUnsafe(config.getCurrentCluster(), config.getCurrentUser());
  const api = new KubeConnection(config, (c) => new Exec(c), clock);
  return { ...reading(api), ...writing(api) };
};

const refuseUnsafe = (
  cluster: { server: string; skipTLSVerify?: boolean } | null,
  user: { exec?: unknown; authProvider?: unknown } | null,
): void => {
  if (cluster === null || user === null)
    throw invalid('Invalid kubeconfig: no current context with a cluster and a user');
  if (!cluster.server.startsWith('https://')) throw invalid(`Not an https address: ${cluster.server}`);
  if (cluster.skipTLSVerify) throw invalid('The kubeconfig disables TLS verification: insecure-skip-tls-verify');
  if (user.exec !== undefined || user.authProvider !== undefined) {
    throw invalid('The kubeconfig uses an exec credential plugin', 'Use one with a client certificate or a token.');
  }
};

const reading = (api: KubeConnection): Kubernetes => ({
  readyz: () => readyz(api),
  probe: async (signal) => {
    const { status, text } = await api.ask('/readyz', signal);
    if (status !== 200) throw refused('/readyz', status, text);
  },
  version: async () => (await api.json('/version', v.object({ gitVersion: v.string() }))).gitVersion,
  nodes: async (signal) => (await api.list('/api/v1/nodes', node, signal)).items,
  pods: async (namespace) => (await api.list(`/api/v1/namespaces/${encodeURIComponent(namespace)}/pods`, pod)).items,
  boundPods: async (on) => {
    const selector = on === undefined ? '' : `spec.nodeName=${on}`;
    return (await api.list('/api/v1/pods', boundPod, undefined, selector)).items;
  },
  podLog: async (namespace, name) => {
    const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(name)}/log`;
    const { status, text } = await api.ask(path);
    if (status !== 200) throw refused(path, status, text);
    return text;
  },
  leases: async (namespace) => {
    const path = `/apis/coordination.k8s.io/v1/namespaces/${encodeURIComponent(namespace)}/leases`;
    return (await api.list(path, lease)).items;
  },
  cloudUsers: (signal) => cloudUsers(api, signal),
  etcd: (master, signal) => etcd(api, master, signal),
  watchNodes: (listener, signal) => watchNodes(api, listener, signal),
  close: () => Promise.resolve(), // each request has its own connection
});

const writing = (api: KubeConnection): Omit<KubernetesWriter, keyof Kubernetes> => ({
  cordon: (name, run) => markNode(api, name, true, run),
  uncordon: (name) => markNode(api, name, false, null),
  evict: (p) => evict(api, p),
  deleteNode: async (name) => {
    await change(api, { method: 'DELETE', path: `/api/v1/nodes/${encodeURIComponent(name)}` }, [200, 202, 404]);
  },
  apply: async (object, signal) => {
    const body = { type: 'application/apply-patch+yaml', text: JSON.stringify(object) };
    const path = `${manifestPath(object)}?fieldManager=trizone&force=true`;
    await change(api, { method: 'PATCH', path, body }, [200, 201], signal);
  },
  remove: async (object) => {
    await change(api, { method: 'DELETE', path: manifestPath(object) }, [200, 202, 404, 409]);
  },
  removeMember: async (master, id) => {
    const output = await runEtcdctl(api, master, etcdctl('member', 'remove', id));
    if (!output.ok && !/member not found/i.test(output.errors)) throw etcdRefused(`member remove ${id}`, output.errors);
  },
  moveLeader: async (master, id, clientUrls) => {
    const output = await runEtcdctl(api, master, etcdctlAt(clientUrls, 'move-leader', id));
    if (!output.ok) throw etcdRefused(`move-leader ${id}`, output.errors);
  },
});

// null removes an annotation (merge patch, RFC 7386).
const markNode = async (api: KubeConnection, name: string, unschedulable: boolean, run: string | null) => {
  const text = JSON.stringify({ metadata: { annotations: { [cordonedByKey]: run } }, spec: { unschedulable } });
  const body = { type: 'application/merge-patch+json', text };
  await change(api, { method: 'PATCH', path: `/api/v1/nodes/${encodeURIComponent(name)}`, body }, [200, 404]);
};

const change = async (
  api: KubeConnection,
  question: KubeRequest,
  fine: readonly number[],
  signal?: AbortSignal,
): Promise<KubeAnswer> => {
  const answer = await api.send(question, signal);
  if (fine.includes(answer.status)) return answer;
  throw refused(`${question.method} ${question.path}`, answer.status, answer.text);
};

const reasonSchema = v.object({
  message: v.string(),
  details: v.nullish(v.object({ causes: v.nullish(v.array(v.object({ message: v.nullish(v.string(), '') })), []) })),
});

// 429: a PodDisruptionBudget currently blocks it (policy/v1 Eviction); 404 and 409: the pod is gone or has been
// replaced.
const evict = async (api: KubeConnection, pod: { namespace: string; name: string }): Promise<Eviction> => {
  const path = `/api/v1/namespaces/${encodeURIComponent(pod.namespace)}/pods/${encodeURIComponent(pod.name)}/eviction`;
  const { name, namespace } = pod;
  const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace } };
  const body = { type: 'application/json', text: JSON.stringify(eviction) };
  const { status, text } = await change(api, { method: 'POST', path, body }, [200, 201, 202, 404, 409, 429]);
  if (status !== 429) return { done: true };
  const parsed = v.safeParse(reasonSchema, parseJson(text));
  if (!parsed.success) return { done: false, blocked: 'the API server asked to retry later' };
  const causes = (parsed.output.details?.causes ?? []).map((c) => c.message).filter((m) => m !== '');
  return { done: false, blocked: causes.join('; ') || parsed.output.message };
};

const runEtcdctl = (api: KubeConnection, master: string, command: readonly string[], signal?: AbortSignal) =>
  api.exec('kube-system', `etcd-${master}`, 'etcd', command, signal);

// etcd refuses while a member it relies on has been silent for 5 s, and during a leader election: transient.
const etcdRefused = (words: string, errors: string): OperatorError =>
  new OperatorError('kubernetes', `etcdctl ${words} failed: ${errors.trim()}`, { retry: 'soon' });

// `[+]ping ok` or `[-]etcd failed: reason withheld`, one line per check.
const readyz = async (api: KubeConnection): Promise<{ ok: boolean; failed: readonly string[] }> => {
  try {
    const { status, text: body } = await api.ask('/readyz?verbose');
    const failed = [...body.matchAll(/^\[-\](\S+)/gm)].map((m) => m[1] ?? '');
    const ok = status === 200 && failed.length === 0;
    return { ok, failed: ok || failed.length > 0 ? failed : [`status ${status}`] };
  } catch (error) {
    if (OperatorError.is(error, 'kubernetes')) return { ok: false, failed: [error.message] };
    throw error;
  }
};

const etcd = async (api: KubeConnection, master: string, signal?: AbortSignal): Promise<EtcdState> => {
  const run = (...words: string[]) => runEtcdctl(api, master, etcdctl(...words), signal);
  const must = async (...words: string[]): Promise<string> => {
    const { ok, output, errors } = await run(...words);
    if (ok) return output;
    throw etcdRefused(words.join(' '), errors);
  };
  const [list, alarms] = await Promise.all([must('member', 'list'), must('alarm', 'list')]);
  // Fails as a whole if one member is down, but still prints the others' status: that is what we need.
  const { output } = await run('endpoint', 'status', '--cluster');
  return { members: parseMembers(list, output), alarms: parseAlarms(alarms) };
};
