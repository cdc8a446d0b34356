import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { kubernetesFacts, joinFacts, noFacts, runningWords } from '../../src/model/clusterStatus.ts';
import { joinHalf, readCloud, readKubernetes, readStatus } from '../../src/steps/status.ts';
import { cloudWorld, type CloudWorld } from '../support/cloudWorld.ts';

/** Paths of every request from now on. */
const requests = (w: CloudWorld): string[] => {
  const paths: string[] = [];
  const real = w.emulator.fetch.bind(w.emulator);
  w.emulator.fetch = (url, init) => {
    paths.push(new URL(url).pathname);
    return real(url, init);
  };
  return paths;
};

const running = async (t: TestContext) => {
  const w = await cloudWorld(t, 'status');
  const p = await w.program();
  assert.equal((await w.up(p)).error, undefined);
  return { w, world: p.session.world };
};

test('both halves joined are the status; the cloud half asks five lists and one health question, and knows nothing of Kubernetes', async (t) => {
  const { w, world } = await running(t);
  const whole = await readStatus(world);
  const paths = requests(w);
  const [cloud, ...more] = await readCloud(world);
  assert.ok(cloud !== undefined && more.length === 0);
  assert.equal(paths.length, 6);
  assert.equal(paths.filter((path) => path.endsWith('/getHealth')).length, 1);
  assert.equal(paths.filter((path) => path.includes('/aggregated/')).length, 5);
  assert.deepEqual(cloud.status, joinFacts(cloud.status, noFacts));
  assert.equal(cloud.status.masters[0]?.backend, 'healthy');
  const joined = joinHalf(cloud.status, await readKubernetes(world, cloud.access));
  assert.deepEqual([joined], whole);
  assert.deepEqual(
    [joined.masters[0]?.etcd, joined.masters[0]?.node, joined.pools[0]?.nodes.map((n) => n.node)],
    ['leader', 'Ready', ['Ready', 'Ready', 'Ready']],
  );
  assert.equal(paths.length, 7); // the secret with the kubeconfig
});

test('an API that does not answer is a fact, not an error; so is a cluster without running master', async (t) => {
  const { w, world } = await running(t);
  w.emulator.faults.set([
    { match: { verb: 'connect' }, nth: 'every', fault: { type: 'apiServerUnreachable', how: 'refused' } },
  ]);
  const [status] = await readStatus(world);
  assert.match(status?.unreachable ?? '', /^The Kubernetes API is not responding/);
  assert.deepEqual([status?.masters[0]?.etcd, status?.masters[0]?.node], ['unknown', 'unknown']);
  const [cloud] = await readCloud(world);
  assert.ok(cloud !== undefined);
  const half = await readKubernetes(world, { ...cloud.access, master: undefined });
  assert.deepEqual(half, { unreachable: 'no master is running' });
});

test('facts of a status are put on a newer answer of the cloud; a machine that came since is unknown', async (t) => {
  const { world } = await running(t);
  const [status] = await readStatus(world);
  const [cloud] = await readCloud(world);
  assert.ok(status !== undefined && cloud !== undefined);
  const replica = { ...cloud.status.masters[0]!, name: 'kubernetes-master-x7k' };
  const later = joinFacts({ ...cloud.status, masters: [...cloud.status.masters, replica] }, kubernetesFacts(status));
  assert.deepEqual(
    later.masters.map((m) => [m.etcd, m.node]),
    [
      ['leader', 'Ready'],
      ['unknown', 'unknown'],
    ],
  );
  assert.deepEqual(later.pools, status.pools);
  const end = status.masters[0]?.certificatesEnd;
  assert.ok(end !== undefined && later.masters[0]?.certificatesEnd === end);
});

test('a run that was silent for longer than its lease lasts is gone; until then it is running', async (t) => {
  const w = await cloudWorld(t, 'silent');
  await assert.rejects(w.up(await w.program({ crashAt: 40 })), /killed/);
  const { world } = (await w.program()).session;
  const words = async () => {
    const running = (await readStatus(world))[0]?.running;
    assert.ok(running);
    return runningWords(running);
  };
  assert.equal(await words(), 'up is running');
  await w.clock.sleep(200_000);
  assert.equal(await words(), 'up is running');
  await w.clock.sleep(1_400_000);
  assert.match(
    await words(),
    /^up is dead \(no heartbeat for 16\d\d s; to continue: trizone resume, or the command with --take-over\)$/,
  );
});
