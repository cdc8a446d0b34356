import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import * as v from 'valibot';
import type { Role } from '../../src/boot/config.ts';
import { kubeadmDocuments } from '../../src/boot/kubeadm.ts';
import { golden } from '../support/golden.ts';
import { bootConfigFor } from '../support/guestWorld.ts';
import { hostileConfig } from '../support/hostileConfig.ts';

const kinds: Readonly<Record<Role, readonly string[]>> = {
  first: ['InitConfiguration', 'ClusterConfiguration', 'KubeletConfiguration', 'KubeProxyConfiguration'],
  replica: ['JoinConfiguration', 'ClusterConfiguration'],
  node: ['JoinConfiguration'],
};

const parse = (text: string) => v.parse(v.array(v.looseObject({ kind: v.string() })), JSON.parse(text));

for (const role of ['first', 'replica', 'node'] as const) {
  test(`kubeadm's documents of a ${role} are those that were reviewed`, () => {
    golden(`kubeadm-${role}.json`, `${JSON.stringify(parse(kubeadmDocuments(bootConfigFor(role))), null, 2)}\n`);
  });
}

test('no value changes the structure of the documents', () => {
  fc.assert(
    fc.property(hostileConfig, (config) => {
      assert.deepEqual(
        parse(kubeadmDocuments(config)).map((d) => d.kind),
        kinds[config.role],
      );
    }),
  );
});

test('the API server is on 443, reached by both endpoints, and tells long connections to spread', () => {
  const [init, cluster] = parse(kubeadmDocuments(bootConfigFor('first')));
  assert.deepEqual(init?.localAPIEndpoint, { advertiseAddress: '@IP@', bindPort: 443 });
  assert.equal(cluster?.controlPlaneEndpoint, '10.10.0.10:443');
  assert.deepEqual(cluster.apiServer, {
    certSANs: ['10.10.0.10', '34.76.1.9', '127.0.0.1', 'localhost'],
    extraArgs: [{ name: 'goaway-chance', value: '0.001' }],
  });
});
