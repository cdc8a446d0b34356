import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { cloudWorld } from '../support/cloudWorld.ts';

/** Everything that would give power over the cluster, as it looks in text. */
const secretLooks = [
  /PRIVATE KEY/,
  /\b[a-z0-9]{6}\.[a-z0-9]{16}\b/,
  /client-key-data/,
  /\bLS0tLS1CRUdJTi[A-Za-z0-9+/]*(UFJJVkFUR|BSSVZBVE|gUFJJVk)/,
];

const assertNoSecret = (where: string, text: string): void => {
  for (const look of secretLooks) assert.doesNotMatch(text, look, where);
};

test('no secret in metadata, labels, descriptions, serial output, guest attributes, journal or events', async (t) => {
  const w = await cloudWorld(t);
  const p = await w.program();
  assert.equal((await w.up(p)).error, undefined);

  // The canaries must be there to be found: the secrets themselves do look like this.
  const admin = await p.session.kubeconfig('kubernetes-admin');
  assert.match(admin ?? '', /client-key-data/);

  const state = w.resources();
  const cloud = Object.entries(state).filter(([kind]) => kind.startsWith('compute/'));
  assert.ok(cloud.length > 8);
  for (const [kind, resources] of cloud) assertNoSecret(kind, JSON.stringify(resources));
  for (const zone of ['europe-west1-b']) {
    const serial = await w.request(
      'GET',
      `/compute/v1/projects/demo-project/zones/${zone}/instances/kubernetes-master/serialPort`,
    );
    assert.match(String(serial.contents), /TRIZONE/);
    assertNoSecret('serial output', String(serial.contents));
    const attributes = await w.request(
      'GET',
      `/compute/v1/projects/demo-project/zones/${zone}/instances/kubernetes-master/getGuestAttributes?queryPath=trizone/`,
    );
    assertNoSecret('guest attributes', JSON.stringify(attributes));
  }
  const runs = join(w.folder, 'runs');
  for (const file of readdirSync(runs)) assertNoSecret(file, readFileSync(join(runs, file), 'utf8'));
  assertNoSecret('events', JSON.stringify(p.events));
});
