import { parentPort, workerData } from 'node:worker_threads';
import * as v from 'valibot';
import { articleWish } from '../support/cloudWorld.ts';
import { inWorld } from './bench.ts';

// An emulated cloud with one large cluster in its own thread: its work must not count as the editor's.

const { nodes } = v.parse(v.object({ nodes: v.number() }), workerData);
const plenty = { CPUS: 4000, INSTANCES: 4000, IN_USE_ADDRESSES: 4000, DISKS_TOTAL_GB: 400_000 };

await inWorld('thread', { quotas: { region: plenty } }, async (w) => {
  const made = await w.up(undefined, { ...articleWish, nodes, subnetCidr: '10.128.0.0/20' });
  if (made.error !== undefined) throw made.error;
  const over = Promise.withResolvers<void>();
  parentPort?.on('message', (faults: unknown) => {
    if (faults === 'end') over.resolve();
    else w.emulator.faults.set(faults);
    parentPort?.postMessage('done');
  });
  parentPort?.postMessage({ endpoint: w.endpoint, secret: w.emulator.secret });
  await over.promise;
});
parentPort?.close();
