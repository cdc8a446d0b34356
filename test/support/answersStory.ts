import * as v from 'valibot';
import { parseJson } from '../../src/kube/answer.ts';
import type { KubeConnection, Question } from '../../src/kube/connection.ts';
import { etcdctl, etcdctlAt } from '../../src/kube/etcdctl.ts';
import type { Clock } from '../../src/lib/clock.ts';
import { poll } from '../../src/lib/deadline.ts';
import { OperatorError } from '../../src/lib/operatorError.ts';
import { reduced, type Answer, type Moments } from './kubernetesAnswers.ts';

/** A cluster of one master and one node in europe-west1-b, and a person at it. */
export interface Site {
  readonly api: KubeConnection;
  readonly clock: Clock;
  /** A second node in the pool, then masters in zones c and d. */
  grow(): Promise<void>;
  /** Stops a machine of that name. */
  stop(name: string): Promise<void>;
  /** What `trizone validate --json` says. */
  validate(): Promise<unknown>;
}

const object = v.looseObject({
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
type Found = v.InferOutput<typeof object>;
const list = v.looseObject({
  kind: v.string(),
  metadata: v.looseObject({ resourceVersion: v.string() }),
  items: v.array(object),
});
type Pick = (items: readonly Found[]) => readonly (Found | undefined)[];

const nodesPath = '/api/v1/nodes?limit=500';
const systemPods = '/api/v1/namespaces/kube-system/pods?limit=500';
const ownPods = '/api/v1/namespaces/default/pods?limit=500';
const leasesPath = '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases?limit=500';

/** All that Trizone asks a Kubernetes, in all states that it tells apart, asked once: of a real one to keep it, of ours to compare. */
export const answersOf = async (site: Site): Promise<Moments> => {
  const newNode = await newcomers(site);
  await workloads(site);
  const standing = await standingOf(site);
  const validate = [{ asked: 'trizone validate --json', status: 0, body: await site.validate() }];
  const changes = await changesOf(site);
  const silent = await silentOf(site);
  return { standing, newNode, changes, silent, noQuorum: await noQuorumOf(site), validate };
};

/** One question, and its answer as it is kept. */
const ask = async ({ api }: Site, question: Question, pick?: Pick): Promise<Answer> => {
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

/** A change: of its answer only what went wrong is read. */
const change = async (site: Site, question: Question): Promise<Answer> => {
  const answer = await ask(site, question);
  return answer.status < 300 ? { ...answer, body: null } : answer;
};

const get = (site: Site, path: string, pick?: Pick): Promise<Answer> =>
  patiently(site, path, () => ask(site, { method: 'GET', path }, pick));

const run = (site: Site, command: readonly string[]): Promise<Answer> =>
  patiently(site, command.join(' '), async () => {
    const { ok, output, errors } = await site.api.exec('kube-system', 'etcd-kubernetes-master', 'etcd', command);
    return { asked: command.join(' '), status: ok ? 0 : 1, body: { output, errors } };
  });

const master = 'kubernetes-master';
const isWorker = (name: string): boolean => name.startsWith('kubernetes-minion-group-');
const named = (items: readonly Found[], test: RegExp): Found | undefined =>
  items.find((o) => test.test(o.metadata.name));

/** Node objects as they come up: what the first event of a new node and of a new master says. */
const newcomers = async (site: Site): Promise<Answer[]> => {
  const { items, version } = await site.api.list('/api/v1/nodes', object);
  const known = new Set(items.map((o) => o.metadata.name));
  const seen: { type: string; object: Found }[] = [];
  const ended = new AbortController();
  const path = `/api/v1/nodes?watch=true&resourceVersion=${version}`;
  const event = v.object({ type: v.string(), object });
  const watching = site.api
    .follow(path, 3_600_000, ended.signal, (lines) => {
      seen.push(...lines.filter((line) => line !== '').map((line) => v.parse(event, parseJson(line))));
      return true;
    })
    .catch((error: unknown) => {
      if (!OperatorError.is(error, 'cancelled')) throw error;
    });
  await site.grow();
  ended.abort(new OperatorError('cancelled', 'Seen enough'));
  await watching;
  const names = [...new Set(seen.map((e) => e.object.metadata.name))].filter((name) => !known.has(name));
  const wanted = [names.find(isWorker), names.find((name) => !isWorker(name))];
  const first = wanted.map((name) => seen.find((e) => e.object.metadata.name === name));
  // A node may be ready before the node lifecycle controller has looked at it; a master takes longer.
  const late = seen.findLast((e) => e.object.metadata.name === wanted[1] && readyOf(e.object) === 'False');
  const events = [...first, late].filter((e) => e !== undefined);
  return events.map((e) => ({
    asked: 'GET /api/v1/nodes?watch=true',
    status: 200,
    body: { type: e.type, object: reduced('Node', e.object) },
  }));
};

const readyOf = ({ status }: Found): string | undefined => status?.conditions.find((c) => c.type === 'Ready')?.status;

/** Asks until there is an answer: masters come and go here, and machines are busy. What is not reached fails with its name. */
const patiently = async <T>(site: Site, what: string, look: () => Promise<T | undefined>): Promise<T> => {
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

const until = (site: Site, what: string, holds: () => Promise<boolean>): Promise<true> =>
  patiently(site, what, async () => ((await holds()) ? true : undefined));

const itemsOf = async (site: Site, path: string): Promise<Found[]> =>
  (await site.api.list(path.replace('?limit=500', ''), object)).items;

const apply = (
  namespace: string,
  plural: string,
  body: { metadata: { name: string } },
  root = '/api/v1',
): Question => ({
  method: 'PATCH',
  path: `${root}${namespace === '' ? '' : `/namespaces/${namespace}`}/${plural}/${body.metadata.name}?fieldManager=trizone&force=true`,
  body: { type: 'application/apply-patch+yaml', text: JSON.stringify(body) },
});

/** The first of the nodes that are no masters. */
const workerOf = async (site: Site): Promise<string> =>
  (await itemsOf(site, nodesPath)).find((o) => isWorker(o.metadata.name))?.metadata.name ?? '';

/** A pod that ends, one that waits in vain, one that stays on a node, and a claim with its volume. */
const workloads = async (site: Site): Promise<void> => {
  const worker = await workerOf(site);
  const server = { name: 'one', image: 'nginx' };
  const container = { name: 'one', image: 'busybox', command: ['sh', '-c', 'echo hello'] };
  const pod = (name: string, more: object) => ({
    ...{ apiVersion: 'v1', kind: 'Pod', metadata: { name, labels: { app: name } } },
    spec: { restartPolicy: 'Never', containers: [container], ...more },
  });
  const volumes = [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }];
  const resources = { requests: { storage: '1Gi' } };
  const volume = {
    ...{ apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name: 'data' } },
    spec: {
      capacity: { storage: '1Gi' },
      accessModes: ['ReadWriteOnce'],
      persistentVolumeReclaimPolicy: 'Delete',
      claimRef: { namespace: 'default', name: 'data' },
      csi: { driver: 'pd.csi.storage.gke.io', volumeHandle: 'projects/p/zones/europe-west1-b/disks/data' },
    },
  };
  const claim = {
    ...{ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'data' } },
    spec: { accessModes: ['ReadWriteOnce'], storageClassName: '', volumeName: 'data', resources },
  };
  const made = [
    apply('', 'persistentvolumes', volume),
    apply('default', 'persistentvolumeclaims', claim),
    apply('default', 'pods', pod('ended', {})),
    apply(
      'default',
      'pods',
      pod('staying', { nodeSelector: { 'kubernetes.io/hostname': worker }, containers: [server] }),
    ),
    apply('default', 'pods', pod('waiting', { nodeSelector: { 'no-such': 'node' }, volumes })),
  ];
  for (const question of made) {
    const { status, text } = await site.api.send(question);
    if (status !== 201) throw new Error(`${question.path}: ${status} ${text}`);
  }
  await until(site, 'one pod ends and one runs', async () => {
    const own = await itemsOf(site, ownPods);
    return named(own, /^ended$/)?.status?.phase === 'Succeeded' && own.some((o) => readyOf(o) === 'True');
  });
  await until(site, 'CoreDNS is spread', async () => {
    const dns = (await itemsOf(site, systemPods)).filter((o) => o.metadata.labels['k8s-app'] === 'kube-dns');
    return dns.length === 2 && dns.every((o) => readyOf(o) === 'True');
  });
};

const first =
  (...tests: RegExp[]): Pick =>
  (items) =>
    tests.map((test) => named(items, test));

const systemPick: Pick = (items) => [
  named(items, /^etcd-kubernetes-master$/),
  items.find((o) => o.metadata.name.startsWith('kube-proxy-') && isWorker(o.spec.nodeName ?? '')),
  named(items, /^coredns-/),
];

const leasesPick: Pick = (items) => [
  items.find((o) => o.metadata.labels['kubernetes.io/hostname'] === master),
  named(items, /^kube-controller-manager$/),
];

const standingOf = async (site: Site): Promise<Answer[]> => [
  await get(site, '/version'),
  await get(site, '/readyz'),
  await get(site, '/readyz?verbose'),
  await get(site, nodesPath, first(/^kubernetes-master$/, /^kubernetes-minion-/)),
  await get(site, systemPods, systemPick),
  await get(site, ownPods, first(/^ended$/, /^staying$/, /^waiting$/)),
  await get(site, '/api/v1/namespaces/default/pods/ended/log'),
  await get(site, leasesPath, leasesPick),
  await get(site, '/api/v1/services?limit=500', first(/^kubernetes$/)),
  await get(site, '/api/v1/persistentvolumeclaims?limit=500', first(/^data$/)),
  await get(site, '/api/v1/persistentvolumes?limit=500', first(/^data$/)),
  await run(site, etcdctl('member', 'list')),
  await run(site, etcdctl('endpoint', 'status', '--cluster')),
  await run(site, etcdctl('alarm', 'list')),
  await run(site, etcdctl('member', 'remove', 'abcdef0123456789')),
  await run(site, etcdctlAt(['https://127.0.0.1:2379'], 'move-leader', 'abcdef0123456789')),
  await watched(site, '/api/v1/nodes?watch=true&allowWatchBookmarks=true&timeoutSeconds=5&resourceVersion=1'),
  await get(site, '/api/v1/nodes/nothing'),
];

/** The first line of a watch. */
const watched = async ({ api }: Site, path: string): Promise<Answer> => {
  let body: unknown;
  const status = await api.follow(path, 60_000, new AbortController().signal, (lines) => {
    body = parseJson(lines.find((line) => line !== '') ?? '');
    return false;
  });
  return { asked: `GET ${path}`, status, body };
};

const cordon = (name: string, unschedulable: boolean): Question => ({
  method: 'PATCH',
  path: `/api/v1/nodes/${name}`,
  body: { type: 'application/merge-patch+json', text: JSON.stringify({ spec: { unschedulable } }) },
});

const eviction = (name: string): Question => {
  const body = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace: 'kube-system' } };
  const path = `/api/v1/namespaces/kube-system/pods/${name}/eviction`;
  return { method: 'POST', path, body: { type: 'application/json', text: JSON.stringify(body) } };
};

const changesOf = async (site: Site): Promise<Answer[]> => {
  const worker = await workerOf(site);
  const dns = (await itemsOf(site, systemPods)).filter((o) => o.metadata.name.startsWith('coredns-'));
  const [one = '', two = ''] = dns.map((o) => o.metadata.name);
  const lease = {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name: 'probe' },
    spec: { holderIdentity: 'a' },
  };
  const leaseApply = apply('default', 'leases', lease, '/apis/coordination.k8s.io/v1');
  const leasePath = '/apis/coordination.k8s.io/v1/namespaces/default/leases/probe';
  return [
    await change(site, cordon(worker, true)),
    await change(site, cordon(worker, false)),
    await change(site, cordon('nothing', true)),
    await change(site, eviction('nothing')),
    await change(site, eviction(one)),
    await change(site, eviction(two)),
    await get(site, systemPods, (items) => [items.find((o) => o.metadata.name === one)]),
    await change(site, leaseApply),
    await change(site, leaseApply),
    await change(site, { method: 'DELETE', path: leasePath }),
    await change(site, { method: 'DELETE', path: leasePath }),
    await change(site, { method: 'DELETE', path: '/api/v1/nodes/nothing' }),
  ];
};

/** A master that is no leader and a node that have stopped. */
const silentOf = async (site: Site): Promise<Answer[]> => {
  const nodes = await itemsOf(site, nodesPath);
  const replica = nodes.find((o) => o.metadata.name !== master && !isWorker(o.metadata.name));
  const gone = [await workerOf(site), replica?.metadata.name ?? ''];
  for (const name of gone) await site.stop(name);
  const isGone = (o: Found): boolean => gone.includes(o.metadata.name);
  await until(site, 'the stopped machines are Unknown', async () =>
    (await itemsOf(site, nodesPath)).filter(isGone).every((o) => readyOf(o) === 'Unknown'),
  );
  const onGone = (o: Found): boolean => gone.includes(o.spec.nodeName ?? '');
  await until(site, 'their pods are not ready', async () => {
    const pods = [...(await itemsOf(site, systemPods)), ...(await itemsOf(site, ownPods))];
    return pods.filter(onGone).every((o) => readyOf(o) === 'False');
  });
  return [
    await get(site, nodesPath, (items) => items.filter(isGone)),
    await get(site, systemPods, (items) => [
      items.find((o) => onGone(o) && o.metadata.name.startsWith('etcd-')),
      items.find((o) => onGone(o) && o.metadata.name.startsWith('kube-proxy-')),
    ]),
    await get(site, ownPods, first(/^staying$/)),
    await run(site, etcdctl('endpoint', 'status', '--cluster')),
  ];
};

/** One master of three is left. */
const noQuorumOf = async (site: Site): Promise<Answer[]> => {
  const items = await itemsOf(site, nodesPath);
  const last = items.find((o) => readyOf(o) === 'True' && o.metadata.name !== master && !isWorker(o.metadata.name));
  await site.stop(last?.metadata.name ?? '');
  const answer = await patiently(site, 'it says that it is not ready', async () => {
    const said = await ask(site, { method: 'GET', path: '/readyz?verbose' });
    return said.status === 500 ? said : undefined;
  });
  return [answer];
};
