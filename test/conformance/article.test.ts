import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import test from 'node:test';
import { parse } from 'yaml';
import { emulatorProcess, judge, run, trizone } from '../support/commandLine.ts';

const articleExports = {
  KUBERNETES_PROVIDER: 'gce',
  NUM_NODES: '3',
  MULTIZONE: 'true',
  ENABLE_ETCD_QUORUM_READ: 'true',
  KUBE_GCE_ZONE: 'europe-west1-b',
};

/** The article's first zone and last line, checked by gcloud and kubectl. */
test('the article’s exports create the first cluster, gcloud and kubectl agree, and kube-down leaves nothing of it', async (t) => {
  if (!(await judge(t, 'gcloud')) || !(await judge(t, 'kubectl'))) return;
  const { env } = await emulatorProcess(t, 0.02);
  const gcloud = async (...words: string[]): Promise<unknown[]> => {
    const { code, out, err } = await run('gcloud', [...words, '--format=json'], env);
    assert.equal(code, 0, err);
    return JSON.parse(out) as unknown[];
  };
  const namesOf = (list: unknown[]): string[] => (list as { name: string }[]).map((r) => r.name).sort();
  const lookAlikes = ['kubernetes-master-foo-bar', 'my-kubernetes-master'];
  await gcloud('compute', 'instances', 'create', ...lookAlikes, '--machine-type=e2-small');
  const marker = JSON.stringify({ trizone: 1, cluster: 'kubernetes', uid: 'otheruid' });
  await gcloud('compute', 'disks', 'create', 'kubernetes-master-q7x-pd', '--size=10GB', `--description=${marker}`);

  const up = await trizone(['kube-up', '--yes'], { ...env, ...articleExports });
  assert.equal(up.code, 0, up.err);
  assert.match(up.err, /MULTIZONE has no effect: every cluster/);
  const [machines, pools, rules, addresses] = await Promise.all([
    gcloud('compute', 'instances', 'list'),
    gcloud('compute', 'instance-groups', 'managed', 'list'),
    gcloud('compute', 'forwarding-rules', 'list'),
    gcloud('compute', 'addresses', 'list'),
  ]);
  const ours = namesOf(machines).filter((n) => !lookAlikes.includes(n));
  assert.equal(ours[0], 'kubernetes-master');
  assert.equal(ours.slice(1).filter((n) => /^kubernetes-minion-group-[a-z0-9]{4}$/.test(n)).length, 3);
  assert.deepEqual(namesOf(pools), ['kubernetes-minion-group']);
  assert.deepEqual(namesOf(rules), ['kubernetes-master', 'kubernetes-master-internal']);
  assert.deepEqual(namesOf(addresses), [
    'kubernetes-master-int',
    'kubernetes-master-internal-ip',
    'kubernetes-master-ip',
  ]);

  // kube-up parity: the context is in $KUBECONFIG and current, so plain kubectl works.
  const nodes = await run('kubectl', ['get', 'nodes', '--no-headers'], env);
  assert.equal(nodes.code, 0, nodes.err);
  const rows = nodes.out
    .trim()
    .split('\n')
    .map((row) => row.split(/\s+/));
  assert.equal(rows.length, 4);
  assert.deepEqual(
    rows.map((r) => r[1]),
    ['Ready', 'Ready', 'Ready', 'Ready'],
  );
  const master = await run(
    'kubectl',
    ['get', 'node', 'kubernetes-master', '-o', 'jsonpath={.spec.taints[*].key}'],
    env,
  );
  assert.equal(master.out, 'node-role.kubernetes.io/control-plane');
  const current = await run('kubectl', ['config', 'current-context'], env);
  assert.equal(current.out.trim(), `${env.CLOUDSDK_CORE_PROJECT ?? ''}_kubernetes`);

  const down = await trizone(['kube-down', '--yes'], { ...env, ...articleExports });
  assert.equal(down.code, 0, down.err);
  const [left, disks, noRules, noAddresses, networks, secrets, accounts] = await Promise.all([
    gcloud('compute', 'instances', 'list'),
    gcloud('compute', 'disks', 'list'),
    gcloud('compute', 'forwarding-rules', 'list'),
    gcloud('compute', 'addresses', 'list'),
    gcloud('compute', 'networks', 'list'),
    gcloud('secrets', 'list'),
    gcloud('iam', 'service-accounts', 'list'),
  ]);
  assert.deepEqual(namesOf(left), lookAlikes);
  assert.deepEqual(namesOf(disks), [...lookAlikes, 'kubernetes-master-q7x-pd'].sort());
  assert.deepEqual([noRules, noAddresses, secrets], [[], [], []]);
  assert.deepEqual(namesOf(networks), ['default']);
  assert.deepEqual(
    (accounts as { email: string }[]).filter((a) => a.email.startsWith('tz-')),
    [],
  );
  const kubeconfig = parse(readFileSync(env.KUBECONFIG ?? '', 'utf8')) as { contexts: unknown[] };
  assert.deepEqual(kubeconfig.contexts, []);
});

test('after env.sh plain status, up and kubeconfig work with no further flag, and --plan changes nothing', async (t) => {
  if (!(await judge(t, 'kubectl'))) return;
  const { env, home, endpoint } = await emulatorProcess(t, 0.02);
  const state = async (): Promise<unknown> => {
    const token = readFileSync(env.CLOUDSDK_AUTH_ACCESS_TOKEN_FILE ?? '', 'utf8').trim();
    return (await fetch(`${endpoint}/emulator/state`, { headers: { authorization: `Bearer ${token}` } })).json();
  };
  const before = await state();
  const plan = await trizone(['up', '--zone', 'europe-west1-b', '--plan'], env);
  assert.equal(plan.code, 0, plan.err);
  assert.match(
    plan.out.split('\n')[0] ?? '',
    /^Create cluster kubernetes in europe-west1-b on emulator at .*, project demo$/,
  );
  assert.match(plan.out, /tcp:443 from 0\.0\.0\.0\/0 \(open to the internet; restrict it with --api-allow\)/);
  assert.deepEqual(await state(), before);

  const up = await trizone(['up', '--zone', 'europe-west1-b', '--yes', '--json'], env);
  assert.equal(up.code, 0, up.err);
  const report = JSON.parse(up.out) as { state: string; endpoint: string; changes: unknown[] };
  assert.equal(report.state, 'done');
  assert.match(report.endpoint, /^https:\/\/198\.1[89]\./);
  const again = await trizone(['up', '--zone', 'europe-west1-b', '--yes', '--json'], env);
  assert.deepEqual((JSON.parse(again.out) as { changes: unknown[] }).changes, []);
  const status = await trizone(['status', '--json'], env);
  const { clusters } = JSON.parse(status.out) as {
    clusters: { name: string; masters: { etcd: string; backend: string }[] }[];
  };
  assert.deepEqual(
    clusters.map((c) => [c.name, c.masters[0]?.etcd, c.masters[0]?.backend]),
    [['kubernetes', 'leader', 'healthy']],
  );
  const file = `${home}/own.yaml`;
  assert.equal((await trizone(['kubeconfig', '--output', file], env)).code, 0);
  const nodes = await run('kubectl', ['--kubeconfig', file, 'get', 'nodes', '-o', 'name'], env);
  assert.equal(nodes.out.trim().split('\n').length, 4);
  assert.ok(!existsSync(env.KUBECONFIG ?? ''), 'the person’s own kubeconfig was touched unasked');
  const valid = await trizone(['validate'], env);
  assert.equal(valid.code, 0, valid.err);
});
