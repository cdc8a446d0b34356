import type { ServerResponse } from 'node:http';
import { wallClock } from '../../lib/clock.ts';
import { OperatorError } from '../../lib/operatorError.ts';
import { failure } from './answer.ts';
import type { KubeObject } from './kubeObject.ts';
import type { ApiRequest, RequestScope, RequestTarget } from './apiRequest.ts';
import { keyOf, selected, wantsTable } from './requests.ts';
import { tableOf } from './tables.ts';

/** Subscription to the store: every write, and changes caused by time alone. */
export type Subscribe = (listener: (uid: string) => void) => () => void;

/**
 * Answers a watch: clients see derived objects, so each notification compares them with those sent last. Headers are
 * flushed at once, or clients would block until the first event.
 */
export const serveWatch = (
  look: (index?: number) => RequestScope | undefined,
  target: RequestTarget,
  request: ApiRequest,
  response: ServerResponse,
  subscribe: Subscribe,
): void => {
  const first = look();
  if (first === undefined) {
    response.destroy();
    return;
  }
  const params = request.url.searchParams;
  const send = sender(target, request, response);
  response.writeHead(200, { 'content-type': 'application/json', 'transfer-encoding': 'chunked' });
  response.flushHeaders();
  const since = Number(params.get('resourceVersion') ?? '0');
  const initial = params.get('sendInitialEvents') === 'true';
  let known = keyed(selected(first, target, params));
  if (initial || since === 0) for (const object of known.values()) send('ADDED', object, first);
  else if (since !== first.view.etcd.index) {
    const then = look(since);
    if (then === undefined) {
      response.end(`${JSON.stringify({ type: 'ERROR', object: expired(since, first.view.etcd.index) })}\n`);
      return;
    }
    // Objects may have changed by time alone: sends every existing one again, and the deletion of those that are gone.
    for (const object of known.values()) send('MODIFIED', object, first);
    for (const [key, object] of keyed(selected(then, target, params)))
      if (!known.has(key)) send('DELETED', object, first);
  }
  if (initial) send('BOOKMARK', bookmark(target, first), first);
  const ended = new AbortController();
  const unsubscribe = subscribe((uid) => {
    const scope = look();
    if (scope?.view.data.uid !== uid || !scope.view.quorum) return;
    const now = keyed(selected(scope, target, params));
    for (const [type, object] of differences(known, now)) send(type, object, scope);
    known = now;
  });
  response.on('close', () => {
    unsubscribe();
    ended.abort();
  });
  endAfter(Number(params.get('timeoutSeconds') ?? '3600'), ended.signal, response);
};

// The API server's answer for a version that etcd has compacted: the client lists again.
const expired = (since: number, oldest: number): object =>
  failure(410, `too old resource version: ${since} (${oldest})`).body as object;

type Send = (type: string, object: KubeObject, scope: RequestScope) => void;

const sender = (target: RequestTarget, request: ApiRequest, response: ServerResponse): Send => {
  const table = wantsTable(request.accept);
  return (type, object, scope) => {
    const shown = table ? tableOf(target.resource.kind, [object], String(scope.view.etcd.index)) : object;
    response.write(`${JSON.stringify({ type, object: shown })}\n`);
  };
};

const keyed = (objects: readonly KubeObject[]): Map<string, KubeObject> => new Map(objects.map((o) => [keyOf(o), o]));

// Ignores the version: it grows with every write to any object.
const content = (object: KubeObject): string =>
  JSON.stringify({ ...object, metadata: { ...object.metadata, resourceVersion: '' } });

const differences = (
  before: ReadonlyMap<string, KubeObject>,
  now: ReadonlyMap<string, KubeObject>,
): [string, KubeObject][] => [
  ...[...now].flatMap(([key, object]): [string, KubeObject][] => {
    const old = before.get(key);
    if (old === undefined) return [['ADDED', object]];
    return content(old) === content(object) ? [] : [['MODIFIED', object]];
  }),
  ...[...before].flatMap(([key, object]): [string, KubeObject][] => (now.has(key) ? [] : [['DELETED', object]])),
];

const bookmark = (target: RequestTarget, scope: RequestScope): KubeObject => ({
  apiVersion: target.resource.root.replace(/^apis?\//, ''),
  kind: target.resource.kind,
  metadata: {
    name: '',
    uid: '',
    creationTimestamp: '1970-01-01T00:00:00Z',
    resourceVersion: String(scope.view.etcd.index),
    annotations: { 'k8s.io/initial-events-end': 'true' },
  },
});

const endAfter = (seconds: number, signal: AbortSignal, response: ServerResponse): void => {
  wallClock.sleep(seconds * 1000, signal).then(
    () => response.end(),
    (error: unknown) => {
      if (!OperatorError.is(error, 'cancelled')) response.destroy();
    },
  );
};
