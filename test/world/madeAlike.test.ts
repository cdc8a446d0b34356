import assert from 'node:assert/strict';
import test from 'node:test';
import { findLeftovers } from '../../src/steps/inventory.ts';
import type { CloudWorld } from '../support/cloudWorld.ts';
import { inCloud } from '../support/kubeObjects.ts';
import { base, begin, kill, left, minute } from './made.ts';
import { assertDone } from './verbs.ts';

const name = 'a0123456789abcdef0123456789abcde';
const mixed = 'afedcba98765432100123456789abcde';
const check = 'k8s-0123456789abcdef-node';
const description = '{"kubernetes.io/service-name":"default/web"}';
const claim = '{"kubernetes.io/created-for/pvc/name":"data","kubernetes.io/created-for/pvc/namespace":"default"}';
const [loose, attached] = ['pvc-01234567-89ab-4def-8123-456789abcdef', 'pvc-fedcba98-89ab-4def-8123-456789abcdef'];
const zone = `${base}/zones/europe-west1-b`;
const region = `${base}/regions/europe-west1`;
// Named as kube-up names a node of a cluster of the same name.
const machine = 'kubernetes-minion-group-abcd';

const make = async (w: CloudWorld, path: string, body: object): Promise<void> => {
  const answer = await w.request('POST', path, body);
  assert.equal(answer.error, undefined, JSON.stringify(answer));
  await w.clock.sleep(minute);
};

/** What another Kubernetes of the project has: a machine, a load balancer on the default network, two volumes. */
const foreignParts = async (w: CloudWorld): Promise<void> => {
  for (const disk of [loose, attached])
    await make(w, `${zone}/disks`, { name: disk, sizeGb: '10', description: claim });
  const initializeParams = { sourceImage: 'projects/debian-cloud/global/images/family/debian-12' };
  const disks = [
    { boot: true, autoDelete: true, initializeParams },
    { source: `zones/europe-west1-b/disks/${attached}` },
  ];
  const [machineType, network] = ['zones/europe-west1-b/machineTypes/e2-small', 'global/networks/default'];
  await make(w, `${zone}/instances`, { name: machine, machineType, disks, networkInterfaces: [{ network }] });
  await make(w, `${base}/global/httpHealthChecks`, { name: check, port: 10256 });
  const allowed = [{ IPProtocol: 'tcp', ports: ['80'] }];
  await make(w, `${base}/global/firewalls`, { name: `k8s-fw-${name}`, network, allowed, description });
  const instances = [`zones/europe-west1-b/instances/${machine}`];
  const healthChecks = [`global/httpHealthChecks/${check}`];
  await make(w, `${region}/targetPools`, { name, instances, healthChecks, description });
  const target = `regions/europe-west1/targetPools/${name}`;
  await make(w, `${region}/forwardingRules`, { name, target, portRange: '80', description });
};

test('look-alikes stay: on other networks, with other machines, disks of nobody', async (t) => {
  const { w, before, balancer } = await begin(t, 'made-alike', foreignParts);
  // A pool of somebody else with one of our machines in it, and with our cluster's own health check.
  const node = Object.keys(inCloud(w, 'instances', 'kubernetes-minion')).find((path) => !path.endsWith(machine)) ?? '';
  const instances = [`zones/europe-west1-b/instances/${machine}`, node];
  const own = Object.keys(inCloud(w, 'httpHealthChecks', '-node')).filter((path) => !path.endsWith(check));
  await make(w, `${region}/targetPools`, { name: mixed, instances, healthChecks: own, description });
  await kill(w);
  const p = await w.program();
  assertDone((await w.down(p)) ?? assert.fail());
  const now = w.resources();
  for (const kind of ['forwardingRules', 'firewalls', 'instances'])
    assert.deepEqual(now[`compute/${kind}`], before[`compute/${kind}`], kind);
  assert.deepEqual(
    Object.keys(inCloud(w, 'targetPools', '')).sort(),
    [name, mixed].map((n) => `regions/europe-west1/targetPools/${n}`).sort(),
  );
  assert.equal(Object.keys(inCloud(w, 'httpHealthChecks', '')).length, 2, 'what another pool uses stays');
  assert.ok(!left(w).some((n) => n.includes(balancer)));
  assert.ok([loose, attached].every((disk) => left(w).includes(disk)));

  const listed = async (): Promise<string[]> =>
    (await findLeftovers(p.session.world.cloud)).map((l) => `${l.kind} ${l.name}`);
  const used = [`forwardingRules ${name}`, `targetPools ${name}`, `firewalls k8s-fw-${name}`, `disks ${attached}`];
  assert.ok((await listed()).includes(`disks ${loose}`), 'a disk of nobody is listed');
  const living = await listed();
  assert.deepEqual(
    used.filter((part) => living.includes(part)),
    [],
    'what a machine uses is not',
  );
  await w.request('DELETE', `${zone}/instances/${machine}`);
  await w.clock.sleep(2 * minute);
  const dead = await listed();
  assert.deepEqual(
    used.filter((part) => !dead.includes(part)),
    [],
    'what no machine uses any more is',
  );
});
