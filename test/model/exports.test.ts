import assert from 'node:assert/strict';
import test from 'node:test';
import { readExports } from '../../src/model/exports.ts';

test('reads the article’s lines as they are printed there', () => {
  assert.deepEqual(readExports('$ KUBE_GCE_ZONE=europe-west1-b ./cluster/kube-up.sh'), {
    script: 'kube-up',
    env: { KUBE_GCE_ZONE: 'europe-west1-b' },
  });
  assert.deepEqual(
    readExports('export KUBERNETES_PROVIDER=gce NUM_NODES="3"\nexport KUBE_GCE_ZONE=\'x\'; npx trizone kube-down'),
    { script: 'kube-down', env: { KUBERNETES_PROVIDER: 'gce', NUM_NODES: '3', KUBE_GCE_ZONE: 'x' } },
  );
});

test('refuses what it does not understand, and what holds no variable', () => {
  assert.throws(() => readExports('KUBE_GCE_ZONE=x rm -rf'), /Unexpected input: rm/);
  assert.throws(() => readExports('./cluster/kube-up.sh'), /No variable/);
});
