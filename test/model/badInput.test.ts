import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { OperatorError } from '../../src/lib/operatorError.ts';
import { clusterSpec, type ClusterInput } from '../../src/model/cluster.ts';
import { checkName, names, proposeName } from '../../src/model/names.ts';
import { readKubeDown, readKubeUp } from '../../src/model/kubeUp.ts';

const good: ClusterInput = { project: 'demo-project', zone: 'europe-west1-b' };

/** What is wrong, the wish that has it, and a part of the rule that the refusal must name. */
const wrongWishes: [string, Partial<ClusterInput>, RegExp][] = [
  ['empty name', { name: '' }, /1 to 20 characters/],
  ['upper case', { name: 'Prod' }, /lowercase letter/],
  ['leading digit', { name: '1prod' }, /lowercase letter/],
  ['trailing dash', { name: 'prod-' }, /not ending with a hyphen/],
  ['underscore', { name: 'my_cluster' }, /letters, digits, or hyphens/],
  ['unicode', { name: 'клaстер' }, /lowercase letter/],
  ['space', { name: 'a b' }, /letters, digits, or hyphens/],
  ['21 characters', { name: 'a'.repeat(21) }, /1 to 20 characters/],
  ['dot', { name: 'a.b' }, /letters, digits, or hyphens/],
  ['project too short', { project: 'ab' }, /project ID/],
  ['project with upper case', { project: 'My-Project' }, /project ID/],
  ['project number with a slash', { project: 'projects/1' }, /project ID/],
  ['zone without letter', { zone: 'europe-west1' }, /zone name/],
  ['zone in capitals', { zone: 'EUROPE-WEST1-B' }, /zone name/],
  ['empty zone', { zone: '' }, /zone name/],
  ['zone with a path', { zone: 'zones/europe-west1-b' }, /zone name/],
  ['negative nodes', { nodes: -1 }, /0 to 1000/],
  ['half a node', { nodes: 1.5 }, /whole number/],
  ['1001 nodes', { nodes: 1001 }, /0 to 1000/],
  ['nodes not a number', { nodes: NaN }, /whole number/],
  ['machine type with a space', { machineType: 'e2 standard' }, /machine type/],
  ['machine type without family', { machineType: 'small' }, /machine type/],
  ['master type with a path', { masterType: 'zones/z/machineTypes/e2-small' }, /machine type/],
  ['unknown disk type', { masterDisk: { type: 'floppy', sizeGb: 20 } }, /pd-ssd/],
  ['disk too small', { masterDisk: { type: 'pd-ssd', sizeGb: 1 } }, /10 to 65536/],
  ['disk too large', { disk: { type: 'pd-ssd', sizeGb: 70_000 } }, /10 to 65536/],
  ['Kubernetes too old', { kubernetes: '1.30.1' }, /Unsupported/],
  ['Kubernetes too new', { kubernetes: '1.38.0' }, /Unsupported/],
  ['Kubernetes without patch', { kubernetes: '1.37' }, /Unsupported/],
  ['Kubernetes in words', { kubernetes: 'latest' }, /Unsupported/],
  ['pod range not a range', { podCidr: '10.64.0.0' }, /a\.b\.c\.d\/n/],
  ['pod range with host bits', { podCidr: '10.64.0.1/14' }, /host bits/],
  ['pod range out of bounds', { podCidr: '10.300.0.0/14' }, /a\.b\.c\.d\/n/],
  ['prefix 33', { podCidr: '10.0.0.0/33' }, /a\.b\.c\.d\/n/],
  ['octal digits', { podCidr: '010.64.0.0/14' }, /a\.b\.c\.d\/n/],
  ['public pod range', { podCidr: '8.8.0.0/16' }, /must be private/],
  ['pod range too small', { podCidr: '10.64.0.0/24' }, /has room for 1 nodes/],
  ['pods overlap services', { podCidr: '10.0.0.0/14' }, /overlap/],
  ['pods overlap subnet', { podCidr: '10.128.0.0/14' }, /overlap/],
  ['service range too small', { serviceCidr: '10.0.0.0/24' }, /\/12 to \/22/],
  ['service range too large', { serviceCidr: '172.16.0.0/8' }, /host bits/],
  ['public service range', { serviceCidr: '34.0.0.0/16' }, /must be private/],
  ['subnet range too small', { subnetCidr: '10.128.0.0/30' }, /\/29/],
  ['allow-list entry without prefix', { apiAllow: ['203.0.113.5'] }, /a\.b\.c\.d\/n/],
  ['allow-list entry with host bits', { apiAllow: ['203.0.113.5/24'] }, /host bits/],
];

for (const [what, wish, rule] of wrongWishes) {
  test(`refuses ${what}, with the rule and a proposal`, () => {
    assert.throws(
      () => clusterSpec({ ...good, ...wish }),
      (e) => OperatorError.is(e, 'invalid-input') && rule.test(e.message) && (e.remedy ?? '') !== '',
    );
  });
}

const wrongExports: [string, Record<string, string>, RegExp][] = [
  ['another provider', { KUBERNETES_PROVIDER: 'aws' }, /must be gce/],
  ['a network of its own', { KUBE_GCE_NETWORK: 'shared' }, /every cluster creates its own/],
  ['nodes in words', { NUM_NODES: 'three' }, /NUM_NODES must be a whole number/],
  ['negative nodes', { NUM_NODES: '-3' }, /NUM_NODES must be a whole number/],
  ['a flag that is neither', { KUBE_USE_EXISTING_MASTER: 'yes' }, /true or false/],
  ['a disk size in words', { MASTER_DISK_SIZE: 'big' }, /must be in gigabytes/],
  ['a disk size in megabytes', { NODE_DISK_SIZE: '100MB' }, /must be in gigabytes/],
];

for (const [what, env, rule] of wrongExports) {
  test(`kube-up refuses ${what}`, () => {
    assert.throws(
      () => readKubeUp(env),
      (e) => OperatorError.is(e, 'invalid-input') && rule.test(e.message) && e.remedy !== undefined,
    );
  });
}

test('the article’s exports are what they were', () => {
  const article = {
    KUBERNETES_PROVIDER: 'gce',
    NUM_NODES: '3',
    MULTIZONE: 'true',
    ENABLE_ETCD_QUORUM_READ: 'true',
    KUBE_GCE_ZONE: 'europe-west1-b',
    PATH: '/bin',
  };
  const { request: wish, notes } = readKubeUp(article);
  assert.deepEqual(wish, { name: 'kubernetes', zone: 'europe-west1-b', nodes: 3 });
  assert.deepEqual(
    notes.map((n) => n.name),
    ['MULTIZONE', 'ENABLE_ETCD_QUORUM_READ'],
  );
});

test('every variable is used or named with the reason', () => {
  const { request: wish, notes } = readKubeUp({
    KUBE_GCE_INSTANCE_PREFIX: 'prod',
    NODE_SIZE: 'n2-standard-4',
    MASTER_SIZE: 'n2-standard-2',
    MASTER_DISK_SIZE: '50GB',
    NODE_DISK_TYPE: 'pd-ssd',
    PREEMPTIBLE_NODE: 'true',
    CLUSTER_IP_RANGE: '10.244.0.0/14',
    SERVICE_CLUSTER_IP_RANGE: '10.0.0.0/16',
    KUBE_NEVER_HEARD_OF: '1',
  });
  assert.deepEqual(wish, {
    name: 'prod',
    zone: 'us-central1-b',
    machineType: 'n2-standard-4',
    masterType: 'n2-standard-2',
    masterDisk: { type: 'pd-ssd', sizeGb: 50 },
    disk: { type: 'pd-ssd', sizeGb: 100 },
    spot: true,
    podCidr: '10.244.0.0/14',
    serviceCidr: '10.0.0.0/16',
  });
  assert.deepEqual(notes, [{ name: 'KUBE_NEVER_HEARD_OF', reason: 'unknown to Trizone' }]);
});

test('kube-up’s three ways are told by its variables, the existing master first as in the script', () => {
  const way = (env: Record<string, string>): string => readKubeUp(env).do;
  assert.equal(way({}), 'create');
  assert.equal(way({ KUBE_USE_EXISTING_MASTER: 'true' }), 'pool');
  assert.equal(way({ KUBE_REPLICATE_EXISTING_MASTER: 'true' }), 'replicate');
  const both = readKubeUp({ KUBE_USE_EXISTING_MASTER: 'true', KUBE_REPLICATE_EXISTING_MASTER: 'true' });
  assert.equal(both.do, 'pool');
  assert.deepEqual(
    both.notes.map((n) => n.name),
    ['KUBE_REPLICATE_EXISTING_MASTER'],
  );
  assert.equal(readKubeUp({ KUBE_REPLICA_NAME: 'kubernetes-master-abc' }).replica, 'kubernetes-master-abc');
  assert.equal(readKubeDown({ KUBE_DELETE_NODES: 'false' }).keepNodes, true);
});

test('a name is refused exactly when the rule says so, and its proposal is always valid', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[a-zA-Z0-9_.-]{0,25}$/)), (typed) => {
      const valid = /^[a-z]([-a-z0-9]{0,18}[a-z0-9])?$/.test(typed);
      if (valid) assert.equal(checkName('Cluster', typed), typed);
      else assert.throws(() => checkName('Cluster', typed), { code: 'invalid-input' });
      checkName('Cluster', proposeName(typed));
    }),
    { numRuns: 2000 },
  );
});

test('every derived name fits Google’s limits for the longest cluster and pool names', () => {
  const long = 'a'.repeat(20);
  const n = names(long);
  const google = /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/;
  const master = `${long}-master-xyz`;
  const flat = [
    n.network,
    n.subnet,
    n.rootAddress,
    n.internalAddress,
    n.healthCheck,
    n.masterGroup,
    n.externalLb,
    n.internalLb,
  ];
  for (const name of [
    ...flat,
    n.masterDisk(master),
    n.masterAddress(master),
    n.template(long, '0123abcd'),
    ...Object.values(n.firewalls),
  ]) {
    assert.match(name, google);
  }
  assert.ok(n.pool(long).length <= 58, 'managed-group base');
  for (const account of [n.masterAccount, n.nodeAccount])
    assert.ok(account.length >= 6 && account.length <= 30, account);
  assert.ok(names('a').masterAccount.length >= 6);
});
