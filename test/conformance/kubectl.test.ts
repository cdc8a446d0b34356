import assert from 'node:assert/strict';
import { execFile, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import test from 'node:test';
import { CloudWorld, cloudWorld, project } from '../support/cloudWorld.ts';

const zone = 'europe-west1-b';
const master = 'kubernetes-master';

interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Real kubectl in its own HOME, through the emulator's CONNECT proxy; virtual time stands still while it works. */
class Kubectl {
  readonly env: NodeJS.ProcessEnv;
  private readonly world: CloudWorld;

  constructor(world: CloudWorld, folder: string) {
    this.world = world;
    this.env = { ...process.env, HOME: folder, KUBECONFIG: join(folder, 'config') };
  }

  say(...args: string[]): Promise<Said> {
    const work = (resolve: (said: Said) => void): void => {
      execFile('kubectl', args, { env: this.env, timeout: 30_000 }, (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr });
      });
    };
    return this.world.clock.hold(() => new Promise<Said>(work));
  }

  /** The same with virtual time running: for commands that wait for the cluster. */
  free(...args: string[]): Promise<Said> {
    return new Promise((resolve) => {
      execFile('kubectl', args, { env: this.env, timeout: 60_000 }, (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr });
      }).stdin?.end();
    });
  }

  async done(...args: string[]): Promise<string> {
    const said = await this.say(...args);
    assert.equal(said.code, 0, said.stderr);
    return said.stdout;
  }

  /** Rows of a table without its heading, split into cells. */
  async rows(...args: string[]): Promise<string[][]> {
    const lines = (await this.done(...args)).trimEnd().split('\n').slice(1);
    return lines.map((line) => line.split(/ {2,}/));
  }
}

const missing = (): string | false => {
  try {
    execFileSync('kubectl', ['version', '--client'], { stdio: 'ignore' });
    return false;
  } catch {
    return process.env.CI === 'true' ? false : 'kubectl is not installed';
  }
};

test('kubectl accepts a cluster on the emulator', { skip: missing() }, async (t) => {
  const world = await cloudWorld(t, 'kubectl');
  const program = await world.program();
  assert.equal((await world.up(program)).error, undefined);
  const folder = mkdtempSync(join(tmpdir(), 'trizone-kubectl-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const kubeconfig = await program.session.kubeconfig('kubernetes-admin');
  writeFileSync(join(folder, 'config'), kubeconfig ?? '', { mode: 0o600 });
  const kubectl = new Kubectl(world, folder);
  // Until the simulated CoreDNS has been scheduled.
  await world.clock.sleep(60_000);

  await t.test('get nodes prints the master and three nodes Ready', async () => {
    const nodes = await kubectl.rows('get', 'nodes');
    assert.deepEqual(
      nodes.map(([name, status, roles, , version]) => [
        name?.replace(/-[0-9a-z]{4}$/, '-xxxx'),
        status,
        roles,
        version,
      ]),
      [
        [master, 'Ready', 'control-plane', 'v1.37.2'],
        ...Array<string[]>(3).fill(['kubernetes-minion-group-xxxx', 'Ready', '<none>', 'v1.37.2']),
      ],
    );
  });

  await t.test('get nodes -o wide shows addresses and runtime', async () => {
    const [row] = await kubectl.rows('get', 'nodes', '-o', 'wide');
    assert.match(row?.[5] ?? '', /^10\./);
    assert.equal(row?.at(-1), 'containerd://2.2.9');
  });

  await t.test('get node -o jsonpath and -o yaml read provider id, pod range and taints', async () => {
    const path = 'jsonpath={.spec.providerID} {.spec.podCIDR} {.spec.taints[*].key}';
    const [id, range, taint] = (await kubectl.done('get', 'node', master, '-o', path)).split(' ');
    assert.equal(id, `gce://${project}/${zone}/${master}`);
    assert.match(range ?? '', /^\d+\.\d+\.\d+\.0\/24$/);
    assert.equal(taint, 'node-role.kubernetes.io/control-plane');
    assert.match(await kubectl.done('get', 'node', master, '-o', 'yaml'), /kubeletVersion: v1\.37\.2/);
  });

  await t.test('get nodes by zone and pool', async () => {
    const selector = `topology.kubernetes.io/zone=${zone},trizone-pool=group,!node-role.kubernetes.io/control-plane`;
    assert.equal((await kubectl.rows('get', 'nodes', '-l', selector)).length, 3);
  });

  await t.test('get pods -A prints the control plane and CoreDNS', async () => {
    const pods = await kubectl.rows('get', 'pods', '-A');
    const names = pods.map((row) => row[1] ?? '');
    for (const component of ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler']) {
      assert.ok(names.includes(`${component}-${master}`));
    }
    assert.equal(names.filter((name) => name.startsWith('kube-proxy-')).length, 4);
    assert.equal(names.filter((name) => name.startsWith('coredns-')).length, 2);
    assert.ok(
      pods.every(
        ([namespace, , ready, status]) => namespace === 'kube-system' && ready === '1/1' && status === 'Running',
      ),
    );
  });

  await t.test('describe node lists its pods, its lease and its conditions', async () => {
    const text = await kubectl.done('describe', 'node', master);
    assert.match(text, /HolderIdentity: {2}kubernetes-master/);
    assert.match(text, /Ready +True .*KubeletReady/);
    assert.match(text, /kube-system +etcd-kubernetes-master/);
    assert.match(text, /Events: +<none>/);
  });

  await t.test('describe pod', async () => {
    const text = await kubectl.done('describe', 'pod', '-n', 'kube-system', `etcd-${master}`);
    assert.match(text, /Controlled By: +Node\/kubernetes-master/);
    assert.match(text, /Image: +registry\.k8s\.io\/etcd:3\.7\.0-0/);
  });

  await t.test('version and api-resources', async () => {
    assert.match(await kubectl.done('version'), /Server Version: v1\.37\.2/);
    assert.match(await kubectl.done('api-resources'), /leases +coordination\.k8s\.io\/v1 +true +Lease/);
  });

  await t.test('get --raw /readyz?verbose', async () => {
    assert.match(await kubectl.done('get', '--raw', '/readyz?verbose'), /\[\+\]etcd ok\n[\s\S]*readyz check passed\n$/);
  });

  await t.test('get leases shows who leads', async () => {
    const leases = await kubectl.rows('get', 'leases', '-n', 'kube-system');
    for (const name of ['kube-controller-manager', 'kube-scheduler', 'cloud-controller-manager']) {
      assert.match(leases.find((row) => row[0] === name)?.[1] ?? '', /^kubernetes-master_/);
    }
  });

  await t.test('exec runs etcdctl over WebSocket', async () => {
    const pod = ['exec', '-n', 'kube-system', `etcd-${master}`, '--'];
    assert.match(
      await kubectl.done(...pod, 'etcdctl', 'member', 'list'),
      /^[0-9a-f]{16}, started, kubernetes-master, /,
    );
    assert.equal((await kubectl.say(...pod, 'sh')).code, 127);
  });

  await t.test('wait sees that all nodes are Ready', async () => {
    assert.match(await kubectl.done('wait', '--for=condition=Ready', 'node', '--all', '--timeout=5s'), /condition met/);
  });

  await t.test('says what is not there', async () => {
    const said = await kubectl.say('get', 'node', 'nope');
    assert.deepEqual([said.code, said.stderr], [1, 'Error from server (NotFound): nodes "nope" not found\n']);
  });

  await t.test('cordon and uncordon', async () => {
    const node = (await kubectl.rows('get', 'nodes')).at(-1)?.[0] ?? '';
    assert.equal(await kubectl.done('cordon', node), `node/${node} cordoned\n`);
    assert.match(await kubectl.done('get', 'node', node), /Ready,SchedulingDisabled/);
    assert.equal(await kubectl.done('uncordon', node), `node/${node} uncordoned\n`);
    assert.doesNotMatch(await kubectl.done('get', 'node', node), /SchedulingDisabled/);
    await kubectl.done('patch', 'node', node, '--type=merge', '-p', '{"spec":{"unschedulable":true}}');
    assert.match(await kubectl.done('get', 'node', node), /SchedulingDisabled/);
    await kubectl.done('uncordon', node);
  });

  await t.test('run --expose makes a pod and its service', async () => {
    const said = await kubectl.done('run', 'nginx', '--image=nginx', '--expose', '--port=80');
    assert.equal(said, 'service/nginx created\npod/nginx created\n');
    await world.clock.sleep(10_000);
    const [pod] = await kubectl.rows('get', 'pods');
    assert.deepEqual(pod?.slice(0, 4), ['nginx', '1/1', 'Running', '0']);
    const node = await kubectl.done('get', 'pod', 'nginx', '-o', 'jsonpath={.spec.nodeName}');
    assert.match(node, /^kubernetes-minion-/, 'masters are tainted');
    assert.match(await kubectl.done('get', 'endpoints', 'nginx'), /:80/);
    assert.match(await kubectl.done('get', 'service', 'nginx'), /ClusterIP +10\./);
  });

  await t.test('expose --type=LoadBalancer gets an external address, and delete takes it away', async () => {
    await kubectl.done('expose', 'pod', 'nginx', '--name=front', '--type=LoadBalancer', '--port=80');
    await world.clock.sleep(60_000);
    const row = await kubectl.done('get', 'svc', 'front');
    assert.match(row, /front +LoadBalancer +10\.\S+ +198\.\S+ +80:3\d{4}\/TCP/);
    assert.match(await kubectl.done('describe', 'svc', 'front'), /LoadBalancer Ingress: +198\./);
    const gone = await kubectl.free('delete', 'svc', 'front', '--timeout=20s');
    assert.equal(gone.code, 0, gone.stderr);
    assert.match((await kubectl.say('get', 'svc', 'front')).stderr, /NotFound/);
  });

  await t.test('apply of a class and a claim: the volume is bound', async () => {
    const storage = { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', metadata: { name: 'fast' } };
    const claim = {
      storageClassName: 'fast',
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: '5Gi' } },
    };
    const items = [
      { ...storage, provisioner: 'pd.csi.storage.gke.io', reclaimPolicy: 'Delete' },
      { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'data' }, spec: claim },
    ];
    writeFileSync(join(folder, 'claim.json'), JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
    await kubectl.done('apply', '--validate=false', '-f', join(folder, 'claim.json'));
    const bound = await kubectl.free('wait', '--for=jsonpath={.status.phase}=Bound', 'pvc/data', '--timeout=20s');
    assert.equal(bound.code, 0, bound.stderr);
    assert.match(await kubectl.done('get', 'pv', '-o', 'name'), /^persistentvolume\/pvc-/);
    assert.equal((await kubectl.free('delete', 'pvc', 'data', '--timeout=20s')).code, 0);
  });

  await t.test('run -i --rm busybox wget prints the page of the service', async () => {
    const url = 'http://nginx.default.svc.cluster.local';
    const run = ['run', '-i', '--rm', 'busybox', '--image=busybox', '--restart=Never', '--', 'wget', '-q', '-O-', url];
    const said = await kubectl.free(...run);
    assert.equal(said.code, 0, said.stderr);
    assert.match(said.stdout, /Welcome to nginx!/);
    assert.match(said.stdout, /pod "busybox" deleted/);
    assert.equal((await kubectl.rows('get', 'pods')).length, 1);
  });

  await t.test('a failed fetch is told by the exit code', async () => {
    const run = ['run', '-i', '--rm', 'lost', '--image=busybox', '--restart=Never', '--', 'wget', '-q', 'http://nope'];
    const said = await kubectl.free(...run);
    assert.equal(said.code, 1);
    assert.match(said.stdout + said.stderr, /bad address 'nope'/);
  });

  await t.test('exec in a pod of the cluster', async () => {
    assert.match(await kubectl.done('exec', 'nginx', '--', 'wget', '-q', '-O-', 'http://nginx'), /Welcome to nginx!/);
  });

  await t.test('create, scale and delete a deployment in a namespace of its own', async () => {
    // From files, because kubectl's own `create deployment` sends protobuf, which the emulator does not support.
    const labels = { app: 'web' };
    const spec = { containers: [{ name: 'nginx', image: 'nginx' }] };
    const deployment = { replicas: 3, selector: { matchLabels: labels }, template: { metadata: { labels }, spec } };
    const items = [
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'smoke' } },
      { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', namespace: 'smoke' }, spec: deployment },
    ];
    writeFileSync(join(folder, 'web.json'), JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
    await kubectl.done('create', '--validate=false', '-f', join(folder, 'web.json'));
    const waited = await kubectl.free('rollout', 'status', 'deployment/web', '-n', 'smoke', '--timeout=20s');
    assert.match(waited.stdout, /successfully rolled out/, waited.stderr);
    const nodes = (await kubectl.rows('get', 'pods', '-n', 'smoke', '-o', 'wide')).map((row) => row[6]);
    assert.equal(new Set(nodes).size, 3, 'spread over the nodes');
    const gone = await kubectl.free('delete', 'namespace', 'smoke', '--timeout=20s');
    assert.equal(gone.code, 0, gone.stderr);
    assert.match((await kubectl.say('get', 'namespace', 'smoke')).stderr, /NotFound/);
  });

  await t.test('drain evicts, respects budgets and leaves the pods of daemon sets', async () => {
    const pods = await kubectl.rows('get', 'pods', '-n', 'kube-system', '-l', 'k8s-app=kube-dns', '-o', 'wide');
    const node = pods.map((row) => row[6] ?? '').find((name) => name !== master) ?? master;
    const refused = await kubectl.free('drain', node, '--timeout=5s');
    assert.match(refused.stderr, /cannot delete DaemonSet-managed Pods/);
    const said = await kubectl.free('drain', node, '--ignore-daemonsets', '--force', '--timeout=30s');
    assert.equal(said.code, 0, said.stderr);
    assert.match(said.stdout, /evicting pod kube-system\/coredns-[\s\S]*drained/);
    const left = await kubectl.rows('get', 'pods', '-A', '--field-selector', `spec.nodeName=${node}`);
    assert.ok(
      left.every((row) => /^(kube-proxy|etcd|kube-|cloud-)/.test(row[1] ?? '')),
      JSON.stringify(left),
    );
    await kubectl.done('uncordon', node);
  });

  await t.test('delete node', async () => {
    const node = (await kubectl.rows('get', 'nodes')).at(-1)?.[0] ?? '';
    assert.equal(await kubectl.done('delete', 'node', node), `node "${node}" deleted\n`);
    assert.equal((await kubectl.rows('get', 'nodes')).length, 3);
  });

  await t.test('get -w tells of a node that stops', async () => {
    const node = (await kubectl.rows('get', 'nodes')).at(-1)?.[0] ?? '';
    const watching = spawn('kubectl', ['get', 'nodes', '-w'], { env: kubectl.env });
    const lines = createInterface(watching.stdout)[Symbol.asyncIterator]();
    const until = (pattern: RegExp): Promise<void> =>
      world.clock.hold(async () => {
        for (let line = await lines.next(); !line.done; line = await lines.next()) if (pattern.test(line.value)) return;
        assert.fail(`never seen: ${pattern.source}`);
      });
    await until(new RegExp(`^${node} +Ready`));
    await world.request('POST', `/compute/v1/projects/${project}/zones/${zone}/instances/${node}/stop`);
    await world.clock.sleep(180_000);
    await until(new RegExp(`^${node} +NotReady`));
    watching.kill();
  });
});
