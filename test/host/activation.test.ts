import assert from 'node:assert/strict';
import { AsyncLocalStorage, createHook } from 'node:async_hooks';
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';
import * as vscode from 'vscode';

// Asynchronous resources that reach outside the process: names, connections, datagrams, child processes.
const outward =
  /^(GETADDRINFOREQWRAP|QUERYWRAP|TCPCONNECTWRAP|PIPECONNECTWRAP|UDPWRAP|TCPSERVERWRAP|PIPESERVERWRAP|PROCESSWRAP)$/;

/** Modules that are only loaded on first use. */
const heavy = ['gce.js', 'kube.js', 'emulator.js', 'cloudAccess.js', 'deferred.js', 'cli.js'];

interface Activation {
  readonly wasActive: boolean;
  readonly asked: readonly string[];
}

interface Entry {
  readonly activate: (context: vscode.ExtensionContext) => unknown;
}

/**
 * Loads the extension's code and times its `activate`: the two parts that VS Code itself counts
 * as activation (Developer: Show Running Extensions). The rest of `extension.activate()` is its
 * communication with the window. Read by test/bench/editor.ts.
 */
const timed = (file: string): void => {
  const require = createRequire(file);
  const begun = performance.now();
  const entry = require(file) as Entry;
  const loadMs = performance.now() - begun;
  const activate: Entry['activate'] = (context) => {
    const called = performance.now();
    const result = entry.activate(context);
    const callMs = performance.now() - called;
    console.log(`activation took ${(loadMs + callMs).toFixed(1)} ms: ${loadMs.toFixed(1)} + ${callMs.toFixed(1)}`);
    return result;
  };
  const cached = require.cache[file];
  if (cached !== undefined) cached.exports = { ...entry, activate };
};

// Number of round trips to the window, to let work finish that activation only started.
const roundTrips = 20;

/** Activates the extension and records its outside requests; the process also runs VS Code's own and other code. */
const activation = async (extension: vscode.Extension<unknown>): Promise<Activation> => {
  const asked: string[] = [];
  const within = new AsyncLocalStorage<true>();
  const own = join(extension.extensionPath, 'dist', 'extension.js');
  const note = (what: string): void => {
    const stack = new Error().stack ?? '';
    if (within.getStore() === true || stack.includes(own)) asked.push(`${what}: ${stack}`);
  };
  const hook = createHook({ init: (_id, type) => (outward.test(type) ? note(type) : undefined) });
  const wasActive = extension.isActive;
  const realFetch = globalThis.fetch;
  globalThis.fetch = (...words) => {
    note('fetch'); // VS Code's fetch asks for a proxy first, and connects only after this test has ended
    return realFetch(...words);
  };
  hook.enable();
  await within.run(true, () => {
    timed(own);
    return extension.activate();
  });
  for (let i = 0; i < roundTrips; i++) await vscode.commands.getCommands(true);
  hook.disable();
  globalThis.fetch = realFetch;
  return { wasActive, asked };
};

describe('invariant 9: the extension does nothing until it is looked at', () => {
  const extension = vscode.extensions.getExtension('trizone.trizone');
  let seen: Activation;

  before(async () => {
    assert.ok(extension);
    seen = await activation(extension);
  });

  it('is not active before one of its views or commands is used', () => {
    assert.equal(seen.wasActive, false);
    assert.equal(extension?.isActive, true);
  });

  it('opens no socket, asks for no name and starts no process', () => {
    assert.deepEqual(seen.asked, []);
  });

  it('loads no heavy module', () => {
    const loaded = Object.keys(require.cache).map((file) => basename(file));
    assert.ok(loaded.includes('extension.js'));
    assert.deepEqual(
      heavy.filter((name) => loaded.includes(name)),
      [],
    );
  });
});
