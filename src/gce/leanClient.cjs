'use strict';

// An esbuild plugin that trims the client library: unmodified, it is 30 MB and takes two seconds to load.

const { readFileSync } = require('node:fs');
const { dirname } = require('node:path');

/** The API's description reduced to the named methods and the messages they reach. */
function trimProtos(protos, methods) {
  const { google } = protos.nested;
  const { compute, ...options } = google.nested.cloud.nested;
  const all = compute.nested.v1.nested;
  const kept = {};
  for (const [service, names] of Object.entries(methods)) {
    kept[service] = { ...all[service], methods: {} };
    for (const name of names) {
      const method = all[service]?.methods?.[name];
      if (!method) throw new Error(`The client library no longer has the method: ${service}.${name}`);
      kept[service].methods[name] = method;
      keep(all, kept, method.requestType);
      keep(all, kept, method.responseType);
    }
  }
  const v1 = { ...compute.nested.v1, nested: kept };
  const cloud = { ...google.nested.cloud, nested: { ...options, compute: { nested: { v1 } } } };
  return { nested: { google: { ...google, nested: { ...google.nested, cloud } } } };
}

function keep(all, kept, type) {
  const name = type.split('.')[0];
  if (kept[name] || !all[name]) return;
  kept[name] = all[name];
  for (const field of fieldsOf(all[name])) keep(all, kept, field.type);
}

const fieldsOf = (message) => [
  ...Object.values(message.fields ?? {}),
  ...Object.values(message.nested ?? {}).flatMap(fieldsOf),
];

// Only the REST part, and one parsed description for all clients (the library would hash it for each). The serializer
// recognizes 64-bit numbers by their class name, which minification changes.
const shim = `
const fallback = require('google-gax/fallback');
Object.defineProperty(fallback.protobuf.util.Long, 'name', { value: 'Long' });
const parsed = new Map();
fallback.GrpcClient.protobufFromJSON = (json) => {
  if (!parsed.has(json)) parsed.set(json, fallback.protobuf.Root.fromJSON(json));
  return parsed.get(json);
};
module.exports = { fallback, loggingUtils: require('google-logging-utils'), decodeAnyProtosInArray: (all) => all };
`;

const fromLibrary = /@google-cloud[\\/]compute[\\/]/;

const snake = (service) => service.replace(/[A-Z]/g, (letter, at) => `${at === 0 ? '' : '_'}${letter.toLowerCase()}`);

/** Replaces clientFile.cjs: the library's files for these services, each loaded on first use. */
const clientFiles = (services) => {
  const row = (name) => `${name}: () => require('@google-cloud/compute/build/src/v1/${name}_client.js')`;
  return `const files = { ${services.map(snake).map(row).join(', ')} };
exports.clientFile = (name) => files[name]?.();`;
};

/** `zones.get`, … as service → methods, in the API's capitalization. */
const byService = (called) => {
  const upper = (word) => word.charAt(0).toUpperCase() + word.slice(1);
  const methods = {};
  for (const [service, method] of called.map((c) => c.split('.').map(upper))) (methods[service] ??= []).push(method);
  return methods;
};

/** The plugin; `called` (`zones.get`, …) lists the methods to keep. */
const leanClient = (called) => ({
  name: 'lean-client',
  setup(build) {
    const methods = byService(called);
    build.onLoad({ filter: /gce[\\/]clientFile\.cjs$/ }, ({ path }) => ({
      contents: clientFiles(Object.keys(methods)),
      resolveDir: dirname(path),
    }));
    build.onLoad({ filter: /compute[\\/]build[\\/]protos[\\/]protos\.json$/ }, ({ path }) => ({
      contents: JSON.stringify(trimProtos(JSON.parse(readFileSync(path, 'utf8')), methods)),
      loader: 'json',
    }));
    build.onResolve({ filter: /^google-gax$/ }, ({ importer, resolveDir }) =>
      fromLibrary.test(importer) ? { path: 'google-gax', namespace: 'lean', pluginData: resolveDir } : undefined,
    );
    build.onLoad({ filter: /.*/, namespace: 'lean' }, ({ pluginData }) => ({ contents: shim, resolveDir: pluginData }));
    build.onLoad(
      { filter: /google-gax[\\/]build[\\/]protos[\\/](iam_service|locations|operations)\.js(on)?$/ },
      ({ path }) => ({
        contents: path.endsWith('on') ? '{}' : 'module.exports = {};',
        loader: path.endsWith('on') ? 'json' : 'js',
      }),
    );
  },
});

module.exports = { leanClient, trimProtos };
