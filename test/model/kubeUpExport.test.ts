import assert from 'node:assert/strict';
import test from 'node:test';
import { clusterOf, clusterSpec, type PoolSpec } from '../../src/model/cluster.ts';
import { readExports } from '../../src/model/exports.ts';
import { readKubeUp } from '../../src/model/kubeUp.ts';
import { kubeUpLines } from '../../src/model/kubeUpExport.ts';

const zones = ['europe-west1-b', 'europe-west1-c', 'europe-west1-d'] as const;
const wish = {
  project: 'demo-project',
  zone: zones[0],
  name: 'shop',
  podCidr: '10.96.0.0/14',
  masterType: 'n2-standard-4',
};

test('a cluster as the article’s lines comes back by kube-up as the same cluster', () => {
  const c = clusterOf(clusterSpec({ ...wish, zones: [...zones], nodes: 5, spot: true }), 'u');
  const masters = zones.map((zone, i) => ({ name: i === 0 ? 'shop-master' : `shop-master-x${i}z`, zone }));
  const lines = kubeUpLines(c, masters);
  const shared = lines.filter((l) => l.startsWith('export ')).join('\n');
  const calls = lines.filter((l) => l.endsWith(' kube-up')).map((l) => readKubeUp(readExports(`${shared}\n${l}`).env));
  assert.deepEqual(
    calls.map((call) => [call.do, call.request.zone, call.replica]),
    [
      ['create', zones[0], undefined],
      ['pool', zones[1], undefined],
      ['pool', zones[2], undefined],
      ['replicate', zones[1], 'shop-master-x1z'],
      ['replicate', zones[2], 'shop-master-x2z'],
    ],
  );
  const [made] = calls;
  assert.ok(made);
  const again = clusterSpec({ ...made.request, project: 'demo-project' });
  assert.deepEqual(again, clusterSpec({ ...wish, nodes: 5, spot: true }));
  assert.deepEqual(calls.map((call) => call.request.nodes).slice(0, 3), [5, 5, 5]);
});

test('what kube-up has no word for stands as a comment', () => {
  const c = clusterOf(clusterSpec({ ...wish, apiAllow: ['203.0.113.0/24'] }), 'u');
  const gpu: PoolSpec = { ...c.pool, name: 'gpu', zone: zones[2], nodes: 2 };
  const lines = kubeUpLines({ ...c, pools: [...c.pools, gpu] }, [{ name: 'shop-master', zone: zones[0] }]);
  assert.deepEqual(
    lines.filter((l) => l.startsWith('#')),
    [
      `# Node pool gpu in ${zones[2]} with 2 nodes: kube-up supports one pool per zone`,
      '# The API is open only to 203.0.113.0/24: kube-up opens it to anyone',
    ],
  );
});
