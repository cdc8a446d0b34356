'use strict';

// Plain Node >= 20 without any package: `setup` installs the packages.
// node esbuild.js setup | build [--dev] | watch | tests

const { execFileSync } = require('node:child_process');
const { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } = require('node:fs');
const { dirname, join } = require('node:path');

const at = (...parts) => join(__dirname, ...parts);
const stamp = at('dist', '.built');

/** Each heavy module is a separate bundle that the small ones require on first use. */
const lazy = {
  'src/ui/cloudAccess.ts': './cloudAccess.js',
  'src/ui/deferred.ts': './deferred.js',
  'src/gce/clients.ts': './gce.js',
  'src/kube/library.ts': './kube.js',
};
const entries = {
  extension: 'src/extension.ts',
  cloudAccess: 'src/ui/cloudAccess.ts',
  deferred: 'src/ui/deferred.ts',
  cli: 'src/cli.ts',
  gce: 'src/gce/clients.ts',
  kube: 'src/kube/library.ts',
  emulator: 'src/emulator/main.ts',
};

async function setup() {
  checkNode();
  if (isStale(at('node_modules', '.package-lock.json'), [at('package-lock.json')])) install();
  await freshen();
}

async function freshen() {
  if (isStale(stamp, [at('esbuild.js'), at('package-lock.json'), at('src'), at('media')])) await build(false);
}

/** Rebuilds stale bundles and compiles the tests that run inside VS Code, which cannot load TypeScript. */
async function tests() {
  await freshen();
  const folder = at('test', 'host');
  rmSync(at('dist', 'test'), { recursive: true, force: true }); // deleted tests must not run
  const files = readdirSync(folder).filter((name) => name.endsWith('.test.ts'));
  await require('esbuild').build({
    ...common,
    entryPoints: files.map((name) => join(folder, name)),
    outdir: at('dist', 'test', 'host'),
    sourcemap: 'inline',
  });
}

function checkNode() {
  const major = Number(process.versions.node.split('.')[0]);
  if (major >= 20) return;
  console.error(`Node.js ${process.versions.node} is too old: Trizone needs 20 or newer (https://nodejs.org).`);
  process.exit(1);
}

function install() {
  console.log('Installing packages: npm ci --ignore-scripts (once, and after package-lock.json changes)');
  const npm = npmProgram();
  // --include=dev: with NODE_ENV=production, npm would skip the dev dependencies that the build needs.
  const words = [
    ...npm.slice(1),
    'ci',
    '--ignore-scripts',
    '--include=dev',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ];
  execFileSync(npm[0], words, { cwd: __dirname, stdio: 'inherit' });
}

// npm is a Node script: started through Node it needs no shell, not even on Windows.
function npmProgram() {
  const beside = dirname(process.execPath);
  const places = [
    process.env.npm_execpath,
    join(beside, 'node_modules', 'npm', 'bin', 'npm-cli.js'),
    join(beside, '..', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js'),
  ];
  const script = places.find((place) => place && /npm-cli\.js$/.test(place) && existsSync(place));
  return script ? [process.execPath, script] : ['npm'];
}

/** Whether `file` is missing or older than the newest of the sources. */
function isStale(file, sources) {
  return !existsSync(file) || sources.some((source) => newest(source) > statSync(file).mtimeMs);
}

function newest(path) {
  const own = statSync(path);
  if (!own.isDirectory()) return own.mtimeMs;
  return Math.max(own.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}

async function build(dev) {
  const started = Date.now();
  mkdirSync(at('dist'), { recursive: true });
  const { esbuild, all } = options(dev);
  await Promise.all(all.map((one) => esbuild.build(one)));
  finish(dev);
  const sizes = all.map(({ outfile }) => `${outfile.slice(at('dist').length + 1)} ${kilobytes(outfile)} KB`);
  console.log(`Built dist in ${((Date.now() - started) / 1000).toFixed(1)} s: ${sizes.join(', ')}`);
}

/** Rebuilds with source maps on every change. */
async function watch() {
  const { esbuild, all } = options(true);
  const work = { left: all.length, failed: false };
  console.log('building');
  for (const one of all) {
    const context = await esbuild.context({
      ...one,
      logLevel: 'silent',
      plugins: [...(one.plugins ?? []), told(work)],
    });
    await context.watch();
  }
}

/**
 * Prints the start of a round's first bundle, the end of its
 * last, and the errors, in the format that tasks.json parses.
 */
const told = (work) => ({
  name: 'told',
  setup(build) {
    let first = true;
    build.onStart(() => {
      if (!first && work.left++ === 0) console.log('building');
      first = false;
    });
    build.onEnd(({ errors }) => {
      for (const { location, text } of errors) {
        console.log(
          `${location?.file ?? 'esbuild.js'}:${location?.line ?? 1}:${location?.column ?? 0}: error: ${text}`,
        );
      }
      work.failed ||= errors.length > 0;
      if (--work.left > 0) return;
      if (!work.failed) finish(true);
      work.failed = false;
      console.log('built; watching src for changes, end with Ctrl+C');
    });
  },
});

// A build with source maps does not count as fresh: releases and benchmarks need a build without them.
function finish(dev) {
  writeCommand();
  require('./src/emulator/schema/generate.cjs').ensureSchema(at('dist', 'compute-schema.json'));
  chmodSync(at('dist', 'cli.js'), 0o755);
  if (dev) rmSync(stamp, { force: true });
  else writeFileSync(stamp, '');
}

/** `trizone` for the editor's terminals: runs on the Node that the editor sets, else on the one in PATH. */
function writeCommand() {
  mkdirSync(at('dist', 'bin'), { recursive: true });
  const cli = '"$(dirname "$0")/../cli.js"';
  const sh = `#!/bin/sh\nELECTRON_RUN_AS_NODE=1 exec "\${TRIZONE_NODE:-node}" ${cli} "$@"\n`;
  writeFileSync(at('dist', 'bin', 'trizone'), sh, { mode: 0o755 });
  const cmd = '@setlocal\r\n@set ELECTRON_RUN_AS_NODE=1\r\n@if not defined TRIZONE_NODE set TRIZONE_NODE=node\r\n';
  writeFileSync(at('dist', 'bin', 'trizone.cmd'), `${cmd}@"%TRIZONE_NODE%" "%~dp0..\\cli.js" %*\r\n`);
}

const kilobytes = (file) => Math.round(statSync(file).size / 1000);

const common = {
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node22',
  external: ['vscode'],
  logLevel: 'warning',
  // import.meta.dirname and filename are the CommonJS file's own.
  define: { 'import.meta.dirname': '__dirname', 'import.meta.filename': '__filename' },
};

function options(dev) {
  const esbuild = require('esbuild');
  const { leanClient } = require('./src/gce/leanClient.cjs');
  const { calledMethods } = ourModule(esbuild, 'src/gce/methods.ts');
  const one = (name, entry) => ({
    ...common,
    entryPoints: [at(entry)],
    outfile: at('dist', `${name}.js`),
    minify: !dev,
    keepNames: false,
    sourcemap: dev ? 'inline' : false,
    legalComments: 'none',
    // In these CommonJS files a dynamic import compiles to a lazy require.
    supported: { 'dynamic-import': false },
    banner: name === 'cli' ? { js: '#!/usr/bin/env node' } : {},
    plugins: [
      ...(name === 'gce' ? [leanClient(calledMethods())] : []),
      ...(name === 'kube' ? [plainNetwork, leanKubernetes] : []),
      outside(entry),
    ],
  });
  return { esbuild, all: [...Object.entries(entries).map(([name, entry]) => one(name, entry)), ...statusView(dev)] };
}

/** Exports of one of our modules; bundled first, because this Node may not load TypeScript. */
function ourModule(esbuild, entry) {
  const { outputFiles } = esbuild.buildSync({ ...common, entryPoints: [at(entry)], write: false });
  const module = { exports: {} };
  new Function('module', 'exports', 'require', outputFiles[0].text)(module, module.exports, require);
  return module.exports;
}

/** The status view runs in the editor's webview. Its icons are inlined into the script as text. */
function statusView(dev) {
  const browser = { bundle: true, minify: !dev, sourcemap: dev ? 'inline' : false, logLevel: 'warning' };
  const credit =
    '/* Icons: Codicons (github.com/microsoft/vscode-codicons), Microsoft Corporation, CC BY 4.0, unchanged. */';
  return [
    {
      ...browser,
      entryPoints: [at('src/ui/statusView/main.ts')],
      outfile: at('dist', 'status.js'),
      platform: 'browser',
      format: 'iife',
      target: 'es2022',
      loader: { '.svg': 'text' },
      banner: { js: credit },
    },
    { ...browser, entryPoints: [at('media/status.css')], outfile: at('dist', 'status.css') },
  ];
}

/** Runs the Kubernetes library on Node's own network modules; see src/kube/plainNetwork.cjs. */
const plainNetwork = {
  name: 'plain-network',
  setup(build) {
    const file = at('src', 'kube', 'plainNetwork.cjs');
    build.onResolve({ filter: /^(node:)?https?$/ }, ({ path, importer }) =>
      importer === file ? undefined : { path: path.replace('node:', ''), namespace: 'plain' },
    );
    build.onLoad({ filter: /.*/, namespace: 'plain' }, ({ path }) => ({
      contents: `module.exports = require(${JSON.stringify(file)}).plainModule('${path}');`,
      resolveDir: __dirname,
    }));
  },
};

/**
 * Drops what only the library's generated clients and its `fetch` need:
 * requests are made by Node's https (src/kube/connection.ts).
 */
const leanKubernetes = {
  name: 'lean-kubernetes',
  setup(build) {
    build.onResolve({ filter: /^undici$|\/gen\/index\.js$/ }, ({ path, importer }) =>
      /client-node[\\/]dist[\\/]config\.js$/.test(importer) ? { path, namespace: 'unused' } : undefined,
    );
    build.onLoad({ filter: /.*/, namespace: 'unused' }, () => ({ contents: 'module.exports = {};' }));
  },
};

/** Keeps the heavy modules external in every bundle except their own. */
const outside = (entry) => ({
  name: 'outside',
  setup(build) {
    for (const [source, bundle] of Object.entries(lazy)) {
      if (source === entry) continue;
      const file = at(source);
      build.onResolve({ filter: /^\.{1,2}\// }, ({ path, resolveDir }) =>
        join(resolveDir, path) === file ? { path: bundle, external: true } : undefined,
      );
    }
  },
});

const commands = { setup, build, watch, tests };

async function main() {
  const [word, ...flags] = process.argv.slice(2);
  const dev = flags.includes('--dev');
  if (!commands[word] || flags.some((flag) => flag !== '--dev')) {
    console.error('Usage: node esbuild.js setup | build [--dev] | watch | tests');
    process.exit(2);
  }
  await commands[word](dev);
}

main().catch((error) => {
  console.error(error.message);
  process.exit(1);
});
