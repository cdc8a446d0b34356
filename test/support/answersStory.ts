import * as v from 'valibot';
import { parseJson } from '../../src/kube/answer.ts';
import type { KubeRequest } from '../../src/kube/connection.ts';
import { etcdctl, etcdctlAt } from '../../src/kube/etcdctl.ts';
import { OperatorError } from '../../src/lib/operatorError.ts';
import {
  apply,
  ask,
  change,
  first,
  get,
  isWorker,
  itemsOf,
  master,
  named,
  nodesPath,
  object,
  ownPods,
  patiently,
  readyOf,
  run,
  systemPods,
  until,
  workerOf,
  type Found,
  type Pick,
  type Site,
} from './answersSite.ts';
import { workloads } from './answersWorkloads.ts';
import { reduced, type Answer, type Moments } from './kubernetesAnswers.ts';

const leasesPath = '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases?limit=500';

/**
 * Everything that Trizone asks of Kubernetes, in all states that it
 * distinguishes: recorded from a real one, compared with ours.
 */
export const answersOf = async (site: Site): Promise<Moments> => {
  const newNode = await newcomers(site);
  await workloads(site);
  const standing = await standingOf(site);
  const validate = [{ asked: 'trizone validate --json', status: 0, body: await site.validate() }];
  const changes = await changesOf(site);
  const silent = await silentOf(site);
  return { standing, newNode, changes, silent, noQuorum: await noQuorumOf(site), validate };
};

/** Node objects as they come up: the first events of a new node and a new master. */
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
  const arrived = wanted.map((name) => seen.find((e) => e.object.metadata.name === name));
  // A node may be ready before the node lifecycle controller has processed it; a master takes longer.
  const late = seen.findLast((e) => e.object.metadata.name === wanted[1] && readyOf(e.object) === 'False');
  const events = [...arrived, late].filter((e) => e !== undefined);
  return events.map((e) => ({
    asked: 'GET /api/v1/nodes?watch=true',
    status: 200,
    body: { type: e.type, object: reduced('Node', e.object) },
  }));
};

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

const cordon = (name: string, unschedulable: boolean): KubeRequest => ({
  method: 'PATCH',
  path: `/api/v1/nodes/${name}`,
  body: { type: 'application/merge-patch+json', text: JSON.stringify({ spec: { unschedulable } }) },
});

const eviction = (name: string): KubeRequest => {
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
  const leasePath = '/apis/coordination.k8s.io/v1/namespaces/default/leases/probe';
  const leaseApply = apply(leasePath, lease);
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

/** A stopped master that is not the leader, and a stopped node. */
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

/** One of three masters is left. */
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
