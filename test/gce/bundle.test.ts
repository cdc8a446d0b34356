import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { build } from 'esbuild';
import { computeMethods } from '../../src/emulator/schema/generate.cjs';
import { clientClass } from '../../src/gce/clients.ts';
import { calledMethods } from '../../src/gce/methods.ts';
import { leanClient, trimProtos } from '../../src/gce/leanClient.cjs';

const upper = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);

test('the emulator knows every method that is called', () => {
  const missing = calledMethods().filter((called) => {
    const [service = '', method = ''] = called.split('.');
    return !(computeMethods[upper(service)] ?? []).includes(upper(method));
  });
  assert.deepEqual(missing, []);
});

test('every method that is called exists in the client library', () => {
  const missing = calledMethods().filter((called) => {
    const [service = '', method = ''] = called.split('.');
    const name = method === 'aggregatedList' ? 'aggregatedListAsync' : method;
    return typeof (clientClass(service)?.prototype as Record<string, unknown> | undefined)?.[name] !== 'function';
  });
  assert.deepEqual(missing, []);
});

test('the build fails when the library no longer has a method', () => {
  const protos: object = {
    nested: { google: { nested: { cloud: { nested: { compute: { nested: { v1: { nested: {} } } } } } } } },
  };
  assert.throws(() => trimProtos(protos, { Zones: ['Get'] }), /no longer has the method: Zones\.Get/);
});

interface Disks {
  initialize(): Promise<unknown>;
  insert(request: object, options: object): Promise<unknown[]>;
  get(request: object, options: object): Promise<unknown[]>;
}

test('the minified bundle is at most 1.6 MB and speaks as the library does, 64-bit numbers too', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'trizone-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const outfile = join(folder, 'gce.cjs');
  const entryPoints = [join(import.meta.dirname, '..', '..', 'src', 'gce', 'clients.ts')];
  const common = { bundle: true, platform: 'node', format: 'cjs', target: 'node22', minify: true } as const;
  await build({ ...common, entryPoints, outfile, plugins: [leanClient(calledMethods())], legalComments: 'none' });
  assert.ok(statSync(outfile).size <= 1_600_000, String(statSync(outfile).size));

  const asked: { url: string; body: unknown }[] = [];
  const fetch = (url: string, init: RequestInit): Promise<Response> => {
    asked.push({ url, body: typeof init.body === 'string' ? JSON.parse(init.body) : undefined });
    return Promise.resolve(Response.json({ name: 'd', sizeGb: '20', unknown: 1 }));
  };
  const bundle = createRequire(import.meta.url)(outfile) as {
    clientClass: (service: string) => new (o: object) => Disks;
  };
  const auth = { getClient: () => Promise.resolve({}), fetch };
  const disks = new (bundle.clientClass('disks'))({
    apiEndpoint: '127.0.0.1',
    port: 1,
    protocol: 'http',
    fallback: true,
    auth,
  });
  await disks.initialize();
  const place = { project: 'p', zone: 'z' };
  await disks.insert({ ...place, diskResource: { name: 'd', sizeGb: 20 } }, { retry: null });
  const [found] = await disks.get({ ...place, disk: 'd' }, { retry: null });
  assert.equal((asked[0]?.body as { sizeGb: string }).sizeGb, '20');
  assert.equal((found as { sizeGb: string }).sizeGb, '20');
  assert.match(asked[1]?.url ?? '', /\/compute\/v1\/projects\/p\/zones\/z\/disks\/d/);
});
