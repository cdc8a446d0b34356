import assert from 'node:assert/strict';
import test from 'node:test';
import { groupOf, planGroups } from '../../src/operate/planGroups.ts';
import { allSteps } from '../support/allSteps.ts';

test('every step of every verb stands in a group, and what removes something in that of what it removes', async (t) => {
  const steps = await allSteps(t);
  const ids = [...steps, ...steps.flatMap((s) => s.inverse?.([]) ?? [])].map((s) => s.id);
  assert.deepEqual([...new Set(ids.filter((id) => groupOf(id) === undefined).map((id) => id.replace(/:.*/, '')))], []);
  assert.deepEqual([...new Set(ids.map(groupOf))].sort(), [...planGroups].sort());
});

test('some steps and their groups', () => {
  assert.equal(groupOf('firewall:kubernetes-iap-ssh'), 'Network');
  assert.equal(groupOf('remove-group:europe-west1-b/kubernetes-masters'), 'Load balancer');
  assert.equal(groupOf('boot:kubernetes-master'), 'Masters');
  assert.equal(groupOf('baking:cake'), undefined);
});
