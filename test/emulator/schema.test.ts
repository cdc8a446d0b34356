import assert from 'node:assert/strict';
import test from 'node:test';
import { handlers } from '../../src/emulator/compute/kinds.ts';
import { ApiError } from '../../src/emulator/http/apiError.ts';
import { computeMethods, ensureSchema, generateSchema } from '../../src/emulator/schema/generate.cjs';
import { Router } from '../../src/emulator/schema/router.ts';
import { loadSchema } from '../../src/emulator/schema/schema.ts';
import { Validator } from '../../src/emulator/schema/validator.ts';

ensureSchema();
const schema = loadSchema();
const router = new Router(schema);
const validator = new Validator(schema);

const methodAt = (verb: string, path: string) => {
  const route = router.find(verb, path);
  assert.ok(route !== undefined && 'method' in route, `${verb} ${path}`);
  return route;
};

const zone = '/compute/v1/projects/p/zones/z';
const insertInstance = methodAt('POST', `${zone}/instances`).method;

const refusal = (body: unknown, method = insertInstance): ApiError => {
  try {
    validator.body(method, body);
  } catch (error) {
    assert.ok(error instanceof ApiError);
    return error;
  }
  assert.fail('was accepted');
};

test('the stored schema is what the client package says today', () => {
  assert.deepEqual(JSON.parse(JSON.stringify(generateSchema())), schema);
});

test('every method of the schema is answered by somebody', () => {
  assert.deepEqual(
    schema.methods.map((m) => m.id).filter((id) => !handlers.has(id)),
    [],
  );
  assert.ok(computeMethods.Instances?.includes('Insert'));
});

test('the router finds methods, tells 405 from 404, and decodes names', () => {
  assert.deepEqual(methodAt('DELETE', `${zone}/instances/a%2Db`).params, { project: 'p', zone: 'z', instance: 'a-b' });
  assert.equal(methodAt('POST', `${zone}/instances/i/stop`).method.id, 'Instances.Stop');
  assert.deepEqual(router.find('PUT', `${zone}/instances/i/stop`), ['POST']);
  assert.equal(router.find('GET', `${zone}/nothing`), undefined);
});

test('all bad fields are listed, the first one is the message', () => {
  const error = refusal({
    name: 'Bad_Name',
    machinType: 'x',
    disks: 'no list',
    canIpForward: 'maybe',
    tags: { items: [1] },
  });
  assert.equal(error.status, 400);
  assert.deepEqual(
    error.details.map((d) => d.message),
    [
      "Invalid value for field 'resource.name': 'Bad_Name'. Must be a match of regex '(?:[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?)'",
      'Invalid JSON payload received. Unknown name "machinType" at \'resource\': Cannot find field.',
      "Invalid value for field 'resource.disks': 'no list'. Expected a list.",
      "Invalid value for field 'resource.canIpForward': 'maybe'. Expected bool.",
      "Invalid value for field 'resource.tags.items[0]': '1'. Expected string.",
    ],
  );
});

test('a missing body is refused as a missing resource', () => {
  const error = refusal(undefined);
  assert.equal(error.reason, 'required');
  assert.equal(error.message, "Required field 'resource' not specified");
});

test('a value outside its enum is refused', () => {
  const error = refusal({ direction: 'SIDEWAYS' }, methodAt('POST', '/compute/v1/projects/p/global/firewalls').method);
  assert.match(error.message, /'SIDEWAYS'\. Must be one of \[EGRESS, INGRESS\]/);
});

test('numbers come as text or numbers, nulls are dropped, output-only fields are ignored', () => {
  const insertDisk = methodAt('POST', `${zone}/disks`).method;
  assert.deepEqual(validator.body(insertDisk, { name: 'd', sizeGb: 20, description: null, status: 'READY', id: '7' }), {
    name: 'd',
    sizeGb: '20',
  });
  assert.deepEqual(validator.body(insertDisk, { sizeGb: '20' }), { sizeGb: '20' });
  assert.match(refusal({ sizeGb: '2O' }, insertDisk).message, /'2O'\. Expected int64/);
});

test('the network of an instance group is taken although it says output only', () => {
  const insertGroup = methodAt('POST', `${zone}/instanceGroups`).method;
  assert.deepEqual(validator.body(insertGroup, { name: 'g', network: 'n', size: 3 }), { name: 'g', network: 'n' });
});

test('query parameters: unknown ones are refused, standard ones and Python booleans taken, required ones asked for', () => {
  const list = methodAt('GET', '/compute/v1/projects/p/aggregated/instances').method;
  const query = new URLSearchParams('includeAllScopes=True&alt=json&returnPartialSuccess=True');
  assert.equal(validator.query(list, query).includeAllScopes, 'True');
  assert.throws(() => validator.query(list, new URLSearchParams('fliter=x')), /Unknown name "fliter"/);
  assert.throws(() => validator.query(list, new URLSearchParams('maxResults=many')), /'many'/);
  const resize = methodAt('POST', `${zone}/instanceGroupManagers/g/resize`).method;
  assert.throws(() => validator.query(resize, new URLSearchParams()), /Required field 'size' not specified/);
});
