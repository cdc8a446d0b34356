import { existsSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';

const bundle = join(import.meta.dirname, '..', '..', 'dist', 'gce.js');

/**
 * Tests use the client library as it ships, in the lean bundle: each connection of the unbundled one costs a second. The
 * bundle holds nothing of ours, so this replaces no module under test.
 */
if (existsSync(bundle)) {
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier.endsWith('/clients.ts') && context.parentURL?.includes('/src/gce/')
        ? { url: pathToFileURL(bundle).href, format: 'commonjs', shortCircuit: true }
        : next(specifier, context),
  });
}
