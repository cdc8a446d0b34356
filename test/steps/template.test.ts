import assert from 'node:assert/strict';
import test from 'node:test';
import type { Resources } from '../../src/gce/kinds.ts';
import { clusterOf, clusterSpec } from '../../src/model/cluster.ts';
import { poolSettings, type PoolRequested } from '../../src/model/poolOptions.ts';
import { ensureTemplate } from '../../src/steps/template.ts';
import type { CloudStep } from '../../src/steps/world.ts';

const cluster = clusterOf(clusterSpec({ project: 'demo', zone: 'europe-west1-b' }), 'u1');

/** The decision on a pool's template; `wanted` is its name, where it is known. */
const decided = (asked: PoolRequested, wanted?: string) => {
  const address = {} as CloudStep<Resources['addresses']>;
  const parts = { external: address, internal: address, image: {} as CloudStep<string> };
  const pool = { name: 'spare', nodes: 1, ...poolSettings(asked) };
  const step = ensureTemplate(cluster, pool, parts, []);
  const decision = step.decide(
    wanted === undefined ? { known: false } : { known: true, facts: { wanted, found: undefined } },
  );
  return decision.do === 'create' ? decision.gcloud : decision.do;
};

const others = '--subnet=kubernetes-subnet --region=europe-west1 --tags=kubernetes-minion';

test('a template is planned with the line that gcloud would make it by, its name as far as it is known', () => {
  const usual = `--machine-type=e2-standard-2 --boot-disk-type=pd-standard --boot-disk-size=100GB ${others}`;
  assert.equal(
    decided({}),
    `gcloud compute instance-templates create ${cluster.names.template('spare', 'HASH')} ${usual}`,
  );
  assert.equal(decided({}, 'known'), `gcloud compute instance-templates create known ${usual}`);
  const asked = { machineType: 'n2-standard-4', disk: { type: 'pd-ssd', sizeGb: 200 }, spot: true };
  assert.equal(
    decided(asked, 'known'),
    'gcloud compute instance-templates create known --machine-type=n2-standard-4 --boot-disk-type=pd-ssd --boot-disk-size=200GB' +
      ` --provisioning-model=SPOT --instance-termination-action=DELETE ${others}`,
  );
});
