'use strict';

// Generates the description of Compute Engine's REST API from the client package's own compute.proto, at build time.
// protos.json lacks comments, and only the comments say which fields are output-only and which enum a string field uses.

const { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } = require('node:fs');
const { dirname, join } = require('node:path');

const root = join(__dirname, '..', '..', '..');
const crud = ['Get', 'List', 'Insert', 'Delete'];
const wait = ['Get', 'List', 'Wait'];

/** Services and methods of Compute Engine that the emulator supports. */
const computeMethods = {
  Addresses: [...crud, 'AggregatedList', 'SetLabels'],
  Autoscalers: ['List', 'AggregatedList'],
  BackendServices: ['AggregatedList'],
  Disks: [...crud, 'AggregatedList', 'SetLabels'],
  Firewalls: [...crud, 'Patch', 'Update'],
  ForwardingRules: [...crud, 'AggregatedList', 'SetLabels'],
  GlobalOperations: [...wait, 'AggregatedList'],
  HealthChecks: [...crud, 'AggregatedList'],
  ImageFamilyViews: ['Get'],
  Images: ['Get', 'List', 'GetFromFamily'],
  InstanceGroupManagers: [
    ...[...crud, 'AggregatedList', 'Patch', 'Resize', 'ListManagedInstances', 'ListErrors'],
    ...['DeleteInstances', 'RecreateInstances'],
  ],
  InstanceGroups: [...crud, 'AggregatedList', 'AddInstances', 'RemoveInstances', 'ListInstances'],
  InstanceTemplates: [...crud, 'AggregatedList'],
  Instances: [
    ...[...crud, 'AggregatedList', 'Start', 'Stop', 'Reset', 'SetMetadata', 'SetLabels', 'SetTags'],
    ...['SetDeletionProtection', 'GetSerialPortOutput', 'GetGuestAttributes'],
  ],
  MachineTypes: ['Get', 'List', 'AggregatedList'],
  Networks: crud,
  Projects: ['Get'],
  RegionBackendServices: [...crud, 'Patch', 'Update', 'GetHealth'],
  RegionHealthChecks: crud,
  RegionOperations: wait,
  Regions: ['Get', 'List'],
  Routes: ['Get', 'List'],
  Subnetworks: [...crud, 'AggregatedList'],
  TargetPools: [...crud, 'AggregatedList'],
  ZoneOperations: wait,
  Zones: ['Get', 'List'],
};

const packageFolder = () => dirname(require.resolve('@google-cloud/compute/package.json', { paths: [root] }));

/** The schema as a plain object; throws if the package no longer has a method listed above. */
function generateSchema() {
  const folder = packageFolder();
  const protobuf = require('protobufjs');
  const text = readFileSync(join(folder, 'build/protos/google/cloud/compute/v1/compute.proto'), 'utf8');
  const parsed = protobuf.parse(text, new protobuf.Root(), { keepCase: false, alternateCommentMode: true });
  const compute = parsed.root.lookup('google.cloud.compute.v1');
  const schema = {
    version: JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).version,
    methods: [],
    messages: {},
    enums: {},
  };
  for (const [service, names] of Object.entries(computeMethods)) {
    for (const name of names) schema.methods.push(describeMethod(compute, schema, service, name));
  }
  addLegacy(schema);
  return schema;
}

// Missing from the client package, although load balancers of Services still use it; from the REST reference.
function addLegacy(schema) {
  const path = '/compute/v1/projects/{project}/global/httpHealthChecks';
  const numbers = ['checkIntervalSec', 'timeoutSec', 'healthyThreshold', 'unhealthyThreshold', 'port'];
  const texts = ['kind', 'description', 'selfLink', 'creationTimestamp', 'host', 'requestPath'];
  schema.messages.HttpHealthCheck = {
    id: { type: 'uint64' },
    name: { type: 'string', name: true },
    ...Object.fromEntries(numbers.map((field) => [field, { type: 'int32' }])),
    ...Object.fromEntries(texts.map((field) => [field, { type: 'string' }])),
  };
  for (const name of crud) {
    const like = schema.methods.find((m) => m.id === `Firewalls.${name}`);
    const own = name === 'Get' || name === 'Delete' ? `${path}/{httpHealthCheck}` : path;
    const body = like.body && { body: 'HttpHealthCheck' };
    schema.methods.push({ id: `HttpHealthChecks.${name}`, verb: like.verb, path: own, ...body, query: like.query });
  }
}

function describeMethod(compute, schema, service, name) {
  const method = compute.get(service)?.methods?.[name];
  if (!method) throw new Error(`The client package no longer has the method: ${service}.${name}`);
  const http = Object.assign({}, ...method.parsedOptions.map((o) => o['(google.api.http)'] ?? {}));
  const verb = ['get', 'post', 'put', 'patch', 'delete'].find((v) => http[v] !== undefined);
  const request = compute.get(method.requestType);
  const bodyField = http.body === undefined ? undefined : request.fields[camel(http.body)];
  const path = http[verb].replace(/\{(\w+)\}/g, (_, field) => `{${camel(field)}}`);
  const inPath = new Set([...path.matchAll(/\{(\w+)\}/g)].map((m) => m[1]));
  const query = {};
  for (const field of Object.values(request.fields)) {
    if (field === bodyField || inPath.has(field.name)) continue;
    query[field.name] = { type: field.type, ...flag('required', isRequired(field)) };
  }
  if (bodyField) addMessage(compute, schema, bodyField.type);
  return {
    id: `${service}.${name}`,
    verb: verb.toUpperCase(),
    path,
    ...(bodyField && { body: bodyField.type }),
    query,
  };
}

function addMessage(compute, schema, name) {
  if (schema.messages[name]) return;
  const message = compute.get(name);
  const fields = {};
  schema.messages[name] = fields;
  for (const field of message.fieldsArray) {
    const comment = field.comment ?? '';
    const isMessage = compute.get(field.type)?.fields !== undefined;
    const enumName = isMessage ? undefined : enumOf(compute, schema, message, comment);
    fields[field.name] = {
      type: field.type,
      ...flag('repeated', field.repeated),
      ...flag('map', field.map),
      ...flag('output', /^(Output only\. )?\[Output Only\]|^Output only\./i.test(comment.trim())),
      ...flag('name', field.name === 'name' && /RFC1035/.test(comment.replace(/\s/g, ''))),
      ...(enumName && { enum: enumName }),
    };
    if (isMessage) addMessage(compute, schema, field.type);
  }
}

// "Check the X enum for the list of possible values." X is nested in the message or, if its name is unique, elsewhere.
function enumOf(compute, schema, message, comment) {
  const found = /Check the (\w+) enum for the list of possible values/.exec(comment.replace(/\s+/g, ' '));
  if (!found) return undefined;
  const holders = [message, ...compute.nestedArray].filter((m) => m.nested?.[found[1]]?.values !== undefined);
  if (holders.length === 0) return undefined;
  const name = `${holders[0].name}.${found[1]}`;
  schema.enums[name] = Object.keys(holders[0].nested[found[1]].values).filter((v) => !v.startsWith('UNDEFINED_'));
  return name;
}

const camel = (text) => text.replace(/_([a-z0-9])/g, (_, c) => c.toUpperCase());
const flag = (name, on) => (on ? { [name]: true } : {});
const isRequired = (field) =>
  (field.parsedOptions ?? []).some((o) => o['(google.api.field_behavior)'] === 'REQUIRED') ||
  field.options?.['(google.api.field_behavior)'] === 'REQUIRED';

/** Path of the schema for an emulator running from source. */
const schemaFile = join(root, 'dist', 'compute-schema.json');

/** Writes the schema (default: `dist/compute-schema.json`) and returns the path. */
function writeSchema(file = schemaFile) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(generateSchema()));
  return file;
}

/** Writes the schema only when it is missing or older than the package or this generator; returns the path. */
function ensureSchema(file = schemaFile) {
  const sources = [join(packageFolder(), 'package.json'), module.filename];
  const fresh = existsSync(file) && sources.every((s) => statSync(s).mtimeMs <= statSync(file).mtimeMs);
  return fresh ? file : writeSchema(file);
}

module.exports = { computeMethods, generateSchema, writeSchema, ensureSchema };
