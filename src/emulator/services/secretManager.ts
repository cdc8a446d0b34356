import * as v from 'valibot';
import { type Cloud, newFingerprint, projectNumber } from '../cloud.ts';
import { rpcError } from '../http/apiError.ts';
import { crc32c } from './checksum.ts';
import { dropPolicy, policyOn, setPolicy } from './policies.ts';
import { bodyOf, type MethodArguments, type RestMethod } from './restService.ts';
import {
  addVersion,
  allSecrets,
  destroyVersion,
  dropSecret,
  putSecret,
  type StoredSecret,
  secretById,
  type SecretVersion,
  versionNamed,
  zuluTime,
} from './secrets.ts';

const all = '/v1/projects/{project}/secrets';
const one = `${all}/{secret}`;
const version = `${one}/versions/{version}`;
const kind = 'secrets';

const createSchema = v.strictObject({
  name: v.optional(v.string()),
  labels: v.optional(
    v.record(v.pipe(v.string(), v.regex(/^[a-z][-_a-z0-9]{0,62}$/)), v.pipe(v.string(), v.regex(/^[-_a-z0-9]{0,63}$/))),
  ),
  annotations: v.optional(v.record(v.string(), v.string())),
  replication: v.union([
    v.strictObject({ automatic: v.strictObject({}) }),
    v.strictObject({ userManaged: v.strictObject({ replicas: v.array(v.strictObject({ location: v.string() })) }) }),
  ]),
});

const addSchema = v.strictObject({
  payload: v.strictObject({
    data: v.pipe(v.string(), v.regex(/^[A-Za-z0-9+/_-]*={0,2}$/, 'Base64 decoding failed.')),
    dataCrc32c: v.optional(v.union([v.string(), v.number()])),
  }),
});

const nameOf = (secret: StoredSecret): string => `projects/${projectNumber}/secrets/${secret.id}`;

const secretView = (secret: StoredSecret): object => ({
  name: nameOf(secret),
  replication: { automatic: {} },
  createTime: secret.createTime,
  ...(secret.labels !== undefined && { labels: secret.labels }),
  etag: `"${secret.etag}"`,
});

const versionView = (
  secret: StoredSecret,
  { number, state, createTime, destroyTime, etag }: SecretVersion,
): object => ({
  name: `${nameOf(secret)}/versions/${number}`,
  createTime,
  ...(destroyTime !== undefined && { destroyTime }),
  state,
  replicationStatus: { automatic: {} },
  etag: `"${etag}"`,
});

const secretOf = (cloud: Cloud, { params }: MethodArguments): StoredSecret => {
  const found = secretById(cloud, params.secret ?? '');
  if (found !== undefined) return found;
  throw rpcError(404, 'NOT_FOUND', `Secret [projects/${projectNumber}/secrets/${params.secret ?? ''}] not found.`);
};

const versionOf = (secret: StoredSecret, { params }: MethodArguments): SecretVersion => {
  const found = versionNamed(secret, params.version ?? '');
  if (found !== undefined) return found;
  throw rpcError(
    404,
    'NOT_FOUND',
    `Secret Version [${nameOf(secret)}/versions/${params.version ?? ''}] not found or has no versions.`,
  );
};

const create = (cloud: Cloud, { request }: MethodArguments): object => {
  const id = request.query.get('secretId') ?? '';
  if (!/^[A-Za-z0-9_-]{1,255}$/.test(id)) {
    throw rpcError(
      400,
      'INVALID_ARGUMENT',
      `The provided Secret ID [${id}] does not match the expected format [[a-zA-Z_0-9-]+].`,
    );
  }
  const { labels } = bodyOf(createSchema, request);
  if (secretById(cloud, id) !== undefined) {
    throw rpcError(409, 'ALREADY_EXISTS', `Secret [projects/${projectNumber}/secrets/${id}] already exists.`);
  }
  const filled = labels !== undefined && Object.keys(labels).length > 0;
  const secret: StoredSecret = {
    id,
    createTime: zuluTime(cloud),
    etag: newFingerprint(cloud),
    ...(filled && { labels }),
    versions: [],
  };
  putSecret(cloud, secret);
  return secretView(secret);
};

const remove = (cloud: Cloud, args: MethodArguments): object => {
  const secret = secretOf(cloud, args);
  dropSecret(cloud, secret.id);
  dropPolicy(cloud, `${kind}/${secret.id}`);
  return {};
};

const add = (cloud: Cloud, args: MethodArguments): object => {
  const secret = secretOf(cloud, args);
  const { payload } = bodyOf(addSchema, args.request);
  const given = payload.dataCrc32c;
  if (given !== undefined && Number(given) !== crc32c(Buffer.from(payload.data, 'base64'))) {
    throw rpcError(400, 'INVALID_ARGUMENT', 'The payload does not match its checksum dataCrc32c.');
  }
  const added = versionView(secret, addVersion(cloud, secret, payload.data));
  return given === undefined ? added : { ...added, clientSpecifiedPayloadChecksum: true };
};

const access = (cloud: Cloud, args: MethodArguments): object => {
  const secret = secretOf(cloud, args);
  const found = versionOf(secret, args);
  const name = `${nameOf(secret)}/versions/${found.number}`;
  if (found.data !== undefined) {
    const dataCrc32c = String(crc32c(Buffer.from(found.data, 'base64')));
    return { name, payload: { data: found.data, dataCrc32c } };
  }
  throw rpcError(400, 'FAILED_PRECONDITION', `Secret Version [${name}] is in DESTROYED state.`);
};

const destroy = (cloud: Cloud, args: MethodArguments): object => {
  const secret = secretOf(cloud, args);
  const found = destroyVersion(cloud, secret.id, versionOf(secret, args).number);
  return found === undefined ? {} : versionView(secret, found);
};

const listSecrets = (cloud: Cloud): object => {
  const secrets = allSecrets(cloud).map(secretView);
  return { ...(secrets.length > 0 && { secrets }), totalSize: secrets.length };
};

const listVersions = (cloud: Cloud, args: MethodArguments): object => {
  const secret = secretOf(cloud, args);
  const versions = [...secret.versions].reverse().map((x) => versionView(secret, x));
  return { ...(versions.length > 0 && { versions }), totalSize: versions.length };
};

const policyKey = (cloud: Cloud, args: MethodArguments): string => `${kind}/${secretOf(cloud, args).id}`;

/** Secret Manager. */
export const secretMethods: readonly RestMethod[] = [
  { verb: 'POST', path: all, kind, action: 'create', run: create },
  { verb: 'GET', path: all, kind, action: 'list', run: listSecrets },
  { verb: 'GET', path: one, kind, action: 'get', run: (cloud, args) => secretView(secretOf(cloud, args)) },
  { verb: 'DELETE', path: one, kind, action: 'delete', run: remove },
  { verb: 'POST', path: `${one}:addVersion`, kind, action: 'addVersion', run: add },
  {
    verb: 'GET',
    path: `${one}:getIamPolicy`,
    kind,
    action: 'getIamPolicy',
    run: (cloud, args) => policyOn(cloud, policyKey(cloud, args)),
  },
  {
    verb: 'POST',
    path: `${one}:setIamPolicy`,
    kind,
    action: 'setIamPolicy',
    run: (cloud, args) => setPolicy(cloud, policyKey(cloud, args), args.request),
  },
  { verb: 'GET', path: `${one}/versions`, kind, action: 'listVersions', run: listVersions },
  {
    verb: 'GET',
    path: version,
    kind,
    action: 'getVersion',
    run: (cloud, args) => versionView(secretOf(cloud, args), versionOf(secretOf(cloud, args), args)),
  },
  { verb: 'GET', path: `${version}:access`, kind, action: 'access', run: access },
  { verb: 'POST', path: `${version}:destroy`, kind, action: 'destroy', run: destroy },
];
