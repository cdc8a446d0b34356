import assert from 'node:assert/strict';
import test from 'node:test';
import type { KubernetesWriter } from '../../src/kube/kubernetes.ts';
import { VirtualClock } from '../../src/lib/virtualClock.ts';
import { Prober } from '../../src/workflows/prober.ts';

/** An API whose every answer takes this long; it remembers how many waited at once. */
const slowApi = (wall: VirtualClock, takesMs: number) => {
  const seen = { open: 0, most: 0 };
  const answer = async (signal?: AbortSignal): Promise<void> => {
    seen.most = Math.max(seen.most, ++seen.open);
    await wall.sleep(takesMs, signal).finally(() => seen.open--);
  };
  const kubernetes = {
    probe: answer,
    apply: (_object: unknown, signal?: AbortSignal) => answer(signal),
    remove: () => Promise.resolve(),
  } as Partial<KubernetesWriter> as KubernetesWriter;
  return { seen, kubernetes };
};

const probed = async (timeScale: number, takesMs: number) => {
  const wall = new VirtualClock();
  const { seen, kubernetes } = slowApi(wall, takesMs);
  const prober = new Prober({ kubernetes, wall, timeScale });
  await wall.sleep(10_000);
  return { most: seen.most, ...(await prober.stop()) };
};

test('on a scaled clock a computer that answers slowly is asked no faster than it answers, and nothing is late', async () => {
  const { most, reads, writes } = await probed(0.01, 1000);
  assert.ok(most <= 9, `${most} at once`);
  assert.deepEqual([reads.failed, writes.failed], [0, 0]);
  assert.ok(reads.sent >= 30, `${reads.sent} sent`);
});

test('on Google’s an API that is slow is asked five times a second all the same', async () => {
  const { most, reads } = await probed(1, 1000);
  assert.ok(most >= 10, `${most} at once`);
  assert.ok(reads.sent >= 50, `${reads.sent} sent`);
});
