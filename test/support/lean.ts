import { existsSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';

const dist = join(import.meta.dirname, '..', '..', 'dist');
const bundles = { '/src/gce/clients.ts': join(dist, 'gce.js'), '/src/kube/library.ts': join(dist, 'kube.js') };

/**
 * Tests use the client libraries as they ship, in the lean bundles: each unbundled
 * connection of Google's costs a second, and the Kubernetes one has 900 modules. The
 * bundles contain none of our code, so this replaces no module under test.
 */
registerHooks({
  resolve: (specifier, context, next) => {
    const found = next(specifier, context);
    const [, bundle] = Object.entries(bundles).find(([module]) => found.url.endsWith(module)) ?? [];
    return bundle !== undefined && existsSync(bundle)
      ? { url: pathToFileURL(bundle).href, format: 'commonjs', shortCircuit: true }
      : found;
  },
});
