import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import type { BootConfig } from '../../src/boot/config.ts';
import { kubeadmDocuments } from '../../src/boot/kubeadm.ts';
import { cloudTool } from '../../src/boot/parts/cloudTool.ts';
import { publicKeyHash } from '../../src/emulator/guest/certificates.ts';
import { newPki } from '../../src/emulator/guest/credentials.ts';
import { seededIds } from '../../src/lib/ids.ts';
import { bootConfigFor } from '../support/guestWorld.ts';

// The tool without its last lines, which run it; then a metadata server and a Secret Manager in memory in place of `ask`.
const functions = cloudTool.slice(0, cloudTool.indexOf('\ntry:\n    main('));
const cloud = String.raw`
HOME, PKI = sys.argv[1], sys.argv[1] + '/pki'
CONFIG, KUBEADM, VERSIONS, LIES = sys.argv[2], sys.argv[3], {}, False
ATTRIBUTES = {'instance/attributes/trizone-config': CONFIG, 'instance/attributes/trizone-kubeadm': KUBEADM,
              'instance/attributes/trizone-addons': '', 'instance/name': 'kubernetes-master', 'instance/id': '42',
              'instance/network-interfaces/0/ip': '10.10.0.11', 'instance/service-accounts/default/token': '{"access_token": "t"}'}
def ask(url, headers, method='GET', body=None):
    if url.startswith(METADATA):
        return ATTRIBUTES[url[len(METADATA):]].encode()
    assert headers['Authorization'] == 'Bearer t'
    name = url.split('/secrets/')[1].split('/')[0].split(':')[0]
    held = VERSIONS.setdefault(name, {})
    if url.endswith(':addVersion'):
        held[len(held) + 1] = json.loads(body)['payload']['data']
    elif url.endswith(':access'):
        if not held: raise urllib.error.HTTPError(url, 404, 'Not Found', None, None)
        return json.dumps({'payload': {'data': base64.b64encode(b'other').decode() if LIES else held[max(held)]}}).encode()
    elif url.endswith(':destroy'):
        del held[int(url.split('/')[-1].split(':')[0])]
    else:
        return json.dumps({'versions': [{'name': 'projects/1/secrets/%s/versions/%d' % (name, n)} for n in held]}).encode()
    return b'{}'
`;

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const pki = newPki(seededIds('pki'));

const python = (
  script: string,
  config: BootConfig = bootConfigFor('first'),
  text = JSON.stringify(config),
): Outcome => {
  const folder = mkdtempSync(join(tmpdir(), 'trizone-tool-'));
  mkdirSync(join(folder, 'pki', 'etcd'), { recursive: true });
  for (const [name, content] of Object.entries(pki)) writeFileSync(join(folder, 'pki', name), content);
  try {
    const args = ['-I', '-c', functions + cloud + script, folder, text, kubeadmDocuments(config)];
    return { code: 0, stdout: execFileSync('python3', args, { encoding: 'utf8', stdio: 'pipe' }), stderr: '' };
  } catch (error) {
    const { status, stdout, stderr } = error as { status: number; stdout: string; stderr: string };
    return { code: status, stdout, stderr };
  } finally {
    rmSync(folder, { recursive: true });
  }
};

const missing = (): string | false => {
  try {
    execFileSync('python3', ['--version'], { stdio: 'ignore' });
    return false;
  } catch {
    return process.env.CI === 'true' ? false : 'python3 is not installed';
  }
};
const skip = missing();

const ok = (outcome: Outcome): string => {
  assert.equal(outcome.code, 0, outcome.stderr);
  return outcome.stdout;
};

test('the machine reads its configuration', { skip }, () => {
  assert.equal(
    ok(python(`setup(); print(pick(config(), 'secrets.join'), pick(config(), 'versions.kubernetes'))`)),
    'kubernetes-join 1.37.2\n',
  );
});

test('a value of an unexpected form never reaches bash', { skip }, () => {
  const bad: readonly Partial<BootConfig>[] = [
    { cluster: 'a$(reboot)' },
    { internalIp: '10.0.0.1; reboot' },
    { podCidr: '10.0.0.0/8,' },
    { uid: 'u\n' },
    { pool: '`x`' },
    { network: '../x' },
  ];
  for (const more of bad) {
    const outcome = python('setup()', bootConfigFor('node', more));
    assert.equal(outcome.code, 4);
    assert.equal(outcome.stderr, `trizone-config has an invalid value: ${Object.keys(more)[0]}\n`);
  }
});

test("the join secret carries the hash that kubeadm takes over the authority's public key", { skip }, () => {
  const made = JSON.parse(ok(python(`setup(); print(join_make('abcdef.0123456789abcdef', 24))`))) as Record<
    string,
    string
  >;
  assert.equal(made.caCertHash, publicKeyHash(pki['ca.crt'] ?? ''));
  assert.equal(made.endpoint, '10.10.0.10:443');
});

test('what is written to a secret is read back and compared', { skip }, () => {
  assert.equal(ok(python(`setup(); secret_add('kubernetes-pki', 'x'); print(secret_read('kubernetes-pki'))`)), 'x\n');
  const lied = python(`setup(); LIES = True; secret_add('kubernetes-pki', 'x')`);
  assert.deepEqual(
    [lied.code, lied.stderr],
    [1, 'the secret does not contain the value just written: kubernetes-pki\n'],
  );
});

test('old versions of a secret are destroyed, the newest are kept', { skip }, () => {
  const script = `setup()\nfor n in 'abcd': secret_add('kubernetes-join', n)\nsecret_prune('kubernetes-join', 2)\nprint(sorted(VERSIONS['kubernetes-join']))`;
  assert.equal(ok(python(script)), '[3, 4]\n');
});

test('the authorities come out of the secret as they went in, and another cluster’s are refused', { skip }, () => {
  const script = `
setup()
packed = pki_pack()
for name in PKI_FILES: os.remove(os.path.join(PKI, name))
pki_unpack(packed)
print(pki_pack() == packed, oct(os.stat(PKI + '/ca.key').st_mode & 0o777))
pki_unpack(packed.replace('u1d2', 'u9z9'))`;
  const outcome = python(script);
  assert.deepEqual(
    [outcome.code, outcome.stdout, outcome.stderr],
    [4, 'True 0o600\n', 'the secret kubernetes-pki belongs to another cluster\n'],
  );
});

test('a replica refuses authorities that are not those of the cluster it joins', { skip }, () => {
  const join = (more: string): Outcome =>
    python(
      `setup(); secret_add('kubernetes-join', join_make('abcdef.0123456789abcdef', 24)); ${more}; print(join_config(['JoinConfiguration']))`,
      bootConfigFor('replica'),
    );
  assert.match(ok(join('pass')), /abcdef\.0123456789abcdef/);
  const other = join(`os.rename(PKI + '/etcd/ca.crt', PKI + '/ca.crt')`);
  assert.deepEqual(
    [other.code, other.stderr],
    [4, 'the CA in kubernetes-pki does not match the cluster CA in kubernetes-join\n'],
  );
});

test('the machine fills in what it alone knows', { skip }, () => {
  const script = `setup(); print(kubeadm(['InitConfiguration', 'ClusterConfiguration'], machine()))`;
  const [init, cluster] = ok(python(script))
    .split('\n---\n')
    .map((d) => JSON.parse(d) as Record<string, unknown>);
  assert.deepEqual(init?.localAPIEndpoint, { advertiseAddress: '10.10.0.11', bindPort: 443 });
  assert.equal(cluster?.clusterName, 'kubernetes');
  assert.doesNotMatch(JSON.stringify([init, cluster]), /@[A-Z_]+@/);
});

test('CoreDNS is rolled out again only when it sits in one zone of several', { skip }, () => {
  const node = (name: string, zone: string, ready = 'True') => ({
    metadata: { name, labels: { 'topology.kubernetes.io/zone': zone } },
    status: { conditions: [{ type: 'Ready', status: ready }] },
  });
  const lopsided = (nodes: object[], places: string[]): string => {
    const pods = { items: places.map((nodeName) => ({ spec: { nodeName } })) };
    return ok(
      python(
        `print(dns_is_lopsided(json.loads('''${JSON.stringify({ items: nodes })}'''), json.loads('''${JSON.stringify(pods)}''')))`,
      ),
    ).trim();
  };
  assert.equal(lopsided([node('a', 'z1'), node('b', 'z2')], ['a', 'a']), 'True');
  assert.equal(lopsided([node('a', 'z1'), node('b', 'z2')], ['a', 'b']), 'False');
  assert.equal(lopsided([node('a', 'z1'), node('b', 'z2', 'False')], ['a', 'a']), 'False');
});

test(
  "the Node of an earlier machine is stale; a master's is not, nor one whose namesake in another zone is alive",
  { skip },
  () => {
    const node = (name: string, id: string, zone = 'b', master = false) => ({
      metadata: {
        name,
        labels: { 'trizone-instance-id': id, ...(master ? { 'node-role.kubernetes.io/control-plane': '' } : {}) },
      },
      spec: zone === '' ? {} : { providerID: `gce://demo/${zone}/${name}` },
    });
    const nodes = [node('n1', '7'), node('n2', '8'), node('gone', '9'), node('m', '1', 'b', true), node('twin', '5')];
    const young = [node('n3', '1', ''), node('n4', '6', '')];
    const script = `
def call(method, url):
    assert 'aggregated/instances' in url
    return {'items': {'zones/b': {'instances': [{'name': 'n1', 'id': 70}, {'name': 'n2', 'id': 8}, {'name': 'm', 'id': 2},
                                                {'name': 'twin', 'id': 5}, {'name': 'n3', 'id': 4}]},
                      'zones/c': {'instances': [{'name': 'twin', 'id': 50}, {'name': 'n4', 'id': 6}, {'name': 'gone', 'id': 3}]}}}
setup()
stale_nodes(json.loads('''${JSON.stringify({ items: [...nodes, ...young] })}'''))`;
    assert.equal(ok(python(script)), 'n1\nn3\n');
  },
);
