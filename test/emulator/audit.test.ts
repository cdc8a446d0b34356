import assert from 'node:assert/strict';
import test from 'node:test';
import type { AuditEntry } from '../../src/emulator/audit.ts';
import { emulated } from '../support/emulatedCloud.ts';

const networks = '/compute/v1/projects/demo/global/networks';

test('whoever has a token is let in under its name, and each of its changes is told before it is made', async (t) => {
  const told: (AuditEntry & { readonly there: number })[] = [];
  const cloud = emulated(t, {
    audit: {
      callerOf: (token) => (token === 'token-of-ann' ? 'ann' : undefined),
      write: (entry) => told.push({ ...entry, there: networksOf() }),
    },
  });
  const networksOf = (): number =>
    Object.keys((cloud.emulator.exportState() as Record<string, object>)['compute/networks'] ?? {}).length;
  const before = networksOf();
  const ask = async (token: string, method: string, path: string, body?: string): Promise<number> => {
    const init = { method, headers: { authorization: `Bearer ${token}` }, ...(body !== undefined && { body }) };
    return (await cloud.emulator.fetch(`http://127.0.0.1${path}`, init)).status;
  };
  const body = '{"name":"n","autoCreateSubnetworks":false}';
  const requestId = '6f2a2c1e-0d5c-4c39-8f0a-3a1d0a4d9b11';
  assert.equal(await ask('token-of-nobody', 'POST', networks, body), 401);
  cloud.emulator.faults.set([{ match: { verb: 'insert' }, fault: 'resetBefore' }]);
  await assert.rejects(ask('token-of-ann', 'POST', networks, body), TypeError);
  assert.equal(await ask('token-of-ann', 'GET', networks), 200);
  assert.equal(await ask('token-of-ann', 'POST', '/v1/projects/demo:getIamPolicy', '{}'), 200);
  assert.equal(told.length, 0, 'a change that nobody made was told');
  assert.equal(await ask('token-of-ann', 'POST', `${networks}?requestId=${requestId}`, body), 200);
  const entry = { caller: 'ann', method: 'POST', path: networks, kind: 'networks', verb: 'insert', name: 'n' };
  assert.deepEqual(told, [{ ...entry, body, requestId, there: before }]);
  await cloud.clock.sleep(20_000);
  assert.equal(await ask(cloud.emulator.secret, 'DELETE', `${networks}/n`), 200);
  assert.deepEqual([told[1]?.caller, told[1]?.verb, told[1]?.name], ['owner', 'delete', 'n']);
});
