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

/** Real kubectl in a HOME of its own, through the emulator's CONNECT proxy; virtual time stands still while it works. */
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

  async done(...args: string[]): Promise<string> {
    const said = await this.say(...args);
    assert.equal(said.code, 0, said.stderr);
    return said.stdout;
  }

  /** Rows of a table without its heading, cells apart. */
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
  // Until the simulated CoreDNS has found its places.
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
