import * as v from 'valibot';
import type { Clock } from '../lib/clock.ts';
import { invalid, OperatorError } from '../lib/operatorError.ts';
import { KubeConnection } from './connection.ts';
import { etcdctl, parseAlarms, parseMembers } from './etcdctl.ts';
import type { EtcdState, Kubernetes } from './kubernetes.ts';
import { watchNodes } from './nodeWatch.ts';
import { lease, node, pod } from './objects.ts';

/**
 * A connection from the text of a kubeconfig (its current context), through its `proxy-url` where it has one. Sends nothing
 * yet. Only certificates and tokens are taken as sign-in: a kubeconfig that would run a program here is refused.
 */
export const connectKubernetes = async (kubeconfig: string, clock: Clock): Promise<Kubernetes> => {
  const { Exec, KubeConfig } = await clock.hold(() => import('./library.ts'));
  const config = new KubeConfig();
  try {
    config.loadFromString(kubeconfig);
  } catch (cause) {
    throw new OperatorError('invalid-input', 'Not a kubeconfig: it cannot be read', { cause });
  }
  refuseUnsafe(config.getCurrentCluster(), config.getCurrentUser());
  return over(new KubeConnection(config, (c) => new Exec(c), clock));
};

const refuseUnsafe = (
  cluster: { server: string; skipTLSVerify?: boolean } | null,
  user: { exec?: unknown; authProvider?: unknown } | null,
): void => {
  if (cluster === null || user === null) throw invalid('Not a kubeconfig: no current context with cluster and user');
  if (!cluster.server.startsWith('https://')) throw invalid(`Not an https address: ${cluster.server}`);
  if (cluster.skipTLSVerify) throw invalid('The kubeconfig turns TLS verification off: insecure-skip-tls-verify');
  if (user.exec !== undefined || user.authProvider !== undefined) {
    throw invalid('The kubeconfig signs in by running a program', 'Use one with a client certificate or a token.');
  }
};

const over = (api: KubeConnection): Kubernetes => ({
  readyz: () => readyz(api),
  version: async () => (await api.json('/version', v.object({ gitVersion: v.string() }))).gitVersion,
  nodes: async (signal) => (await api.list('/api/v1/nodes', node, signal)).items,
  pods: async (namespace) => (await api.list(`/api/v1/namespaces/${encodeURIComponent(namespace)}/pods`, pod)).items,
  leases: async (namespace) => {
    const path = `/apis/coordination.k8s.io/v1/namespaces/${encodeURIComponent(namespace)}/leases`;
    const found = await api.list(path, lease);
    return new Map(found.items.map((l) => [l.metadata.name, Date.parse(l.spec.renewTime) || 0]));
  },
  etcd: (master, signal) => etcd(api, master, signal),
  watchNodes: (tell, signal) => watchNodes(api, tell, signal),
  close: () => Promise.resolve(), // each request has a connection of its own
});

// `[+]ping ok` or `[-]etcd failed: reason withheld`, one line a check.
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
  const run = (...words: string[]) => api.exec('kube-system', `etcd-${master}`, 'etcd', etcdctl(...words), signal);
  const must = async (...words: string[]): Promise<string> => {
    const { ok, output, errors } = await run(...words);
    if (ok) return output;
    throw new OperatorError('kubernetes', `etcdctl ${words.join(' ')} failed: ${errors.trim()}`);
  };
  const [list, alarms] = await Promise.all([must('member', 'list'), must('alarm', 'list')]);
  // Fails as a whole when one member is down, but prints the others first: that is what we want to know.
  const { output } = await run('endpoint', 'status', '--cluster');
  return { members: parseMembers(list, output), alarms: parseAlarms(alarms) };
};
