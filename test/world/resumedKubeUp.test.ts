import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { parse } from 'yaml';
import { emulatorProcess, trizone } from '../support/commandLine.ts';
import { temporaryFolder } from '../support/engineWorld.ts';
import { notInUse, strikes } from './stories.ts';
import { zoneB } from './verbs.ts';

test('kube-up stops at a failed boot: step, the machine’s words and the remedy are printed; resume goes on and writes the context as kube-up would', async (t) => {
  const faults = join(temporaryFolder(t), 'faults.json');
  writeFileSync(faults, JSON.stringify([strikes('kubernetes-master', 'packages', 'no space left on device')]));
  const { env } = await emulatorProcess(t, 0.02, ['--faults', faults]);
  const failed = await trizone(['kube-up', '--yes'], { ...env, KUBE_GCE_ZONE: zoneB, NUM_NODES: '1' });
  assert.equal(failed.code, 1, failed.err);
  const printed = failed.err.split('\n');
  const said = ' serial: .*TRIZONE error step=packages message="no space left on device"';
  assert.ok(
    printed.some((line) => new RegExp(said).test(line)),
    failed.err,
  );
  const error =
    'Error (boot-failed): The instance reported a failed boot: kubernetes-master: packages: no space left on device';
  const [words = '', serial = ''] = notInUse('kubernetes-master', zoneB).split(' For its console: ');
  assert.deepEqual(printed.slice(-5), [error, `  ${words}`, '  For its console:', `    ${serial}`, '']);
  const kubeconfig = env.KUBECONFIG ?? '';
  assert.ok(!existsSync(kubeconfig));
  const resumed = await trizone(['resume', '--yes'], env);
  assert.equal(resumed.code, 0, resumed.err);
  const own = parse(readFileSync(kubeconfig, 'utf8')) as Record<string, unknown>;
  assert.equal(own['current-context'], 'demo_kubernetes');
  assert.equal((await trizone(['validate'], env)).code, 0);
});
