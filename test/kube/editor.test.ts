import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import test from 'node:test';
import { connectKubernetes } from '../../src/kube/client.ts';
import { wallClock } from '../../src/lib/clock.ts';
import { apiServer } from './apiServer.ts';

// What an extension host does to the module: agents are passed over. Here a request of it is the end.
const replaceRequest = (t: test.TestContext): void => {
  const https = createRequire(import.meta.url)('node:https') as { request: unknown };
  const { request } = https;
  https.request = () => {
    throw new Error('the editor’s request would pass the proxy over');
  };
  t.after(() => {
    https.request = request;
  });
};

test('a cluster is reached by its own proxy where an editor has replaced https.request', async (t) => {
  const server = await apiServer(
    () => ({ body: { metadata: {}, items: [] } }),
    () => ({ output: '', ok: true }),
  );
  t.after(server.close);
  replaceRequest(t);
  const kube = await connectKubernetes(server.kubeconfig('secret'), wallClock);
  assert.deepEqual(await kube.nodes(), []);
});
