import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { promisify } from 'node:util';
import { kubeadmDocuments } from '../../../src/boot/kubeadm.ts';
import { cloudTool } from '../../../src/boot/parts/cloudTool.ts';
import { bootConfigFor } from '../../support/guestWorld.ts';

const guest = join(import.meta.dirname, 'guest');
const python = (script: string, words: readonly string[] = []): string =>
  execFileSync('python3', ['-I', '-c', script, ...words], { encoding: 'utf8' });

/** A guest program without its last line, which runs it. */
const functionsOf = (program: string): string =>
  readFileSync(join(guest, 'usr/bin', program), 'utf8').replace(/\nmain\(\)\n$/, '\n');

test("the machines' fragments win over what the startup script would write", () => {
  const folder = mkdtempSync(join(tmpdir(), 'trizone-guest-'));
  try {
    writeFileSync(join(folder, 'kubeadm.json'), kubeadmDocuments(bootConfigFor('first')));
    const tool = cloudTool
      .slice(0, cloudTool.indexOf('\ntry:\n    main('))
      .replaceAll('/etc/trizone/image.d', join(guest, 'etc/trizone/image.d'));
    const script = `${tool}\nHOME = sys.argv[1]\nprint(kubeadm(['KubeletConfiguration', 'KubeProxyConfiguration'], {}))`;
    const [kubelet, kubeProxy] = python(script, [folder])
      .split('---')
      .map((text) => JSON.parse(text) as Record<string, unknown>);
    assert.equal(kubelet?.cgroupDriver, 'cgroupfs');
    assert.equal(kubelet.failCgroupV1, false);
    assert.deepEqual(kubeProxy?.conntrack, { maxPerCore: 0 });
    assert.equal(kubeProxy.mode, 'nftables', 'what the script says of kube-proxy stays');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('the guest agent sets the routes that metadata lists and deletes its others', () => {
  const nic = {
    forwardedIps: ['34.1.1.1', '10.10.0.2'],
    targetInstanceIps: ['34.1.1.2'],
    ipAliases: ['10.64.3.0/24'],
  };
  const settle = (aliases: string): string =>
    python(`${functionsOf('google_guest_agent')}
own_routes = lambda: {'10.10.0.2/32', '34.9.9.9/32'}
route = lambda verb, address: print(verb, address)
settle(json.loads('''${JSON.stringify(nic)}'''), ${aliases})`);
  assert.equal(settle('False'), 'replace 34.1.1.1/32\nreplace 34.1.1.2/32\ndel 34.9.9.9/32\n');
  assert.match(settle('True'), /^replace 10\.64\.3\.0\/24$/m);
});

test('the runner of startup scripts passes every line on as Google does, and how the script ended', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'trizone-guest-'));
  let script = '#!/bin/bash\necho TRIZONE step=disk\necho trouble >&2\nexit 3\n';
  const server = createServer((request, response) => {
    const right = request.headers['metadata-flavor'] === 'Google';
    response.writeHead(right && script !== '' ? 200 : 404).end(script);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const console = join(folder, 'console');
  const boot = async (): Promise<string[]> => {
    writeFileSync(console, '');
    const program = readFileSync(join(guest, 'usr/bin/google_metadata_script_runner'), 'utf8')
      .replace('169.254.169.254', `127.0.0.1:${(server.address() as AddressInfo).port}`)
      .replace('/dev/console', console);
    await promisify(execFile)('python3', ['-I', '-c', program, 'startup']);
    return readFileSync(console, 'utf8').trimEnd().split('\n');
  };
  try {
    const failed = await boot();
    for (const line of failed) assert.match(line, /^\[ *\d+\.\d{6}\] google_metadata_script_runner\[\d+\]: /);
    const said = (lines: string[]): string[] => lines.map((line) => line.slice(line.indexOf(']: ') + 3));
    assert.deepEqual(said(failed).slice(2, 5), [
      'startup-script: TRIZONE step=disk',
      'startup-script: trouble',
      'Script "startup-script" failed with error: exit status 3',
    ]);
    script = '#!/bin/bash\n';
    assert.ok(said(await boot()).includes('startup-script exit status 0'));
    script = '';
    assert.equal(said(await boot()).at(-1), 'No startup scripts to run.');
  } finally {
    server.close();
    rmSync(folder, { recursive: true });
  }
});
