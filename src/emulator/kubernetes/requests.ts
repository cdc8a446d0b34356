import { OperatorError } from '../../lib/operatorError.ts';
import { failure, textAnswer, type Answer } from './answer.ts';
import { changed } from './changes.ts';
import { discovery } from './discovery.ts';
import { evict } from './eviction.ts';
import { podLog } from './podLogs.ts';
import type { KubeObject } from './kubeObject.ts';
import { objectNotFound } from './notFound.ts';
import { servedKinds } from './resources.ts';
import type { ApiRequest, RequestScope, RequestTarget } from './apiRequest.ts';
import { healthText } from './healthChecks.ts';
import { fieldTest, labelTest } from './selectors.ts';
import { tableOf } from './tables.ts';

const admins = ['system:masters', 'kubeadm:cluster-admins'];

/** Refusal before the path is looked at: 401 without a certificate of the cluster, 403 without the permissions. */
export const refusal = (request: ApiRequest): Answer | undefined => {
  if (isPublic(request.url.pathname)) return undefined;
  if (request.user === undefined) return failure(401, 'Unauthorized');
  if (request.user.groups.some((g) => admins.includes(g))) return undefined;
  return failure(403, `forbidden: User "${request.user.name}" cannot get path "${request.url.pathname}"`);
};

// Paths that kubeadm's role system:public-info-viewer opens to anonymous users.
const isPublic = (path: string): boolean => ['/readyz', '/livez', '/healthz', '/version'].includes(path);

/** Answers all requests except watch and exec. */
export const answer = (scope: RequestScope, request: ApiRequest): Answer => {
  const refused = refusal(request);
  if (refused !== undefined) return refused;
  const { pathname, searchParams } = request.url;
  if (['/readyz', '/livez', '/healthz'].includes(pathname))
    return health(scope, pathname.slice(1), searchParams.has('verbose'));
  if (pathname === '/version') return { code: 200, body: version(scope) };
  const found = discovery(pathname, `${scope.machine.internalIp}:443`);
  if (found !== undefined) return { code: 200, body: found };
  const target = requestTarget(pathname);
  if (target === undefined) return failure(404, 'the server could not find the requested resource');
  if (!scope.view.quorum) return failure(500, 'etcdserver: request timed out');
  try {
    if (target.sub !== undefined) return subAnswer(scope, target, request);
    return request.method === 'GET' ? objectsAnswer(scope, target, request) : changed(scope, target, request);
  } catch (error) {
    if (OperatorError.is(error, 'bad-request')) return failure(400, error.message);
    throw error;
  }
};

// livez must not fail on a lost quorum: kubelet would restart the API server to no effect.
const health = (scope: RequestScope, name: string, verbose: boolean): Answer => {
  const { quorum } = scope.view;
  const ok = quorum || name === 'livez';
  return ok && !verbose ? textAnswer(200, 'ok') : textAnswer(ok ? 200 : 500, healthText(name, quorum, ok));
};

const version = ({ view }: RequestScope): object => {
  const [major, minor] = view.data.versions.kubernetes.split('.');
  const gitVersion = `v${view.data.versions.kubernetes}`;
  const build = {
    gitCommit: 'simulated',
    gitTreeState: 'clean',
    buildDate: '2026-10-14T00:00:00Z',
    goVersion: 'go1.26.3',
    compiler: 'gc',
  };
  return { major, minor, gitVersion, ...build, platform: 'linux/amd64' };
};

/** Kind, namespace, and name in a path such as `/api/v1/namespaces/n/pods/p`. */
export const requestTarget = (path: string): RequestTarget | undefined => {
  for (const resource of servedKinds) {
    const prefix = `/${resource.root}/`;
    if (!path.startsWith(prefix)) continue;
    const parts = path.slice(prefix.length).split('/').map(decodeURIComponent);
    const namespaced = resource.namespaced && parts[0] === 'namespaces' && parts.length > 2;
    const [plural, name, sub, ...more] = namespaced ? parts.slice(2) : parts;
    const alone = resource.namespaced && !namespaced && name !== undefined;
    const below = sub !== undefined && !resource.namespaced;
    if (plural !== resource.plural || more.length > 0 || alone || below) continue;
    return { resource, namespace: namespaced ? parts[1] : undefined, name, ...(sub === undefined ? {} : { sub }) };
  }
  return undefined;
};

/** Objects of a list request, filtered by its selectors. */
export const selected = (
  { host, view }: RequestScope,
  target: RequestTarget,
  params: URLSearchParams,
): readonly KubeObject[] => {
  const byLabel = labelTest(params.get('labelSelector') ?? '');
  const byField = fieldTest(params.get('fieldSelector') ?? '', target.resource.kind);
  return target.resource
    .objects(host, view)
    .filter((o) => target.namespace === undefined || o.metadata.namespace === target.namespace)
    .filter((o) => target.name === undefined || o.metadata.name === target.name)
    .filter((o) => byLabel(o) && byField(o))
    .sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
};

/** Namespace and name: etcd's key order, hence the order of every list. */
export const keyOf = ({ metadata }: KubeObject): string => `${metadata.namespace ?? ''}/${metadata.name}`;

/** Whether the client requests the server-side table instead of the objects. */
export const wantsTable = (accept: string): boolean => accept.includes('as=Table;v=v1;g=meta.k8s.io');

const objectsAnswer = (scope: RequestScope, target: RequestTarget, request: ApiRequest): Answer => {
  const { resource, name } = target;
  const objects = selected(scope, target, request.url.searchParams);
  const resourceVersion = String(scope.view.etcd.index);
  if (name !== undefined && objects[0] === undefined) return objectNotFound(resource, name);
  if (wantsTable(request.accept)) return { code: 200, body: tableOf(resource.kind, objects, resourceVersion) };
  if (name !== undefined) return { code: 200, body: objects[0] };
  const apiVersion = resource.root.replace(/^apis?\//, '');
  return {
    code: 200,
    body: { kind: `${resource.kind}List`, apiVersion, metadata: { resourceVersion }, items: objects },
  };
};

// Subresources of pods only: evictions are created, logs read; attach and exec arrive as upgrades.
const subAnswer = (
  scope: RequestScope,
  { resource, namespace = '', name = '', sub }: RequestTarget,
  request: ApiRequest,
): Answer => {
  if (resource.kind === 'Pod' && sub === 'eviction' && request.method === 'POST') return evict(scope, namespace, name);
  if (resource.kind === 'Pod' && sub === 'log' && request.method === 'GET') return podLog(scope, namespace, name);
  return failure(404, 'the server could not find the requested resource');
};
