import assert from 'node:assert/strict';
import test from 'node:test';
import type { KubernetesWriter, Manifest } from '../../src/kube/kubernetes.ts';
import { VirtualClock } from '../../src/lib/virtualClock.ts';
import { Prober } from '../../src/operate/prober.ts';

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

test('a clock that is set meanwhile makes no gap', async () => {
  const wall = new VirtualClock();
  const { kubernetes } = slowApi(wall, 100);
  const prober = new Prober({ kubernetes, wall, timeScale: 1 });
  await wall.sleep(5_050);
  wall.shift(3_600_000);
  await wall.sleep(5_000);
  wall.shift(-7_200_000);
  await wall.sleep(5_000);
  const { reads, writes } = await prober.stop();
  assert.ok(reads.longestGapMs <= 200 && reads.longestGapMs >= 0, `${reads.longestGapMs} ms`);
  assert.ok(writes.longestGapMs <= 200, `${writes.longestGapMs} ms`);
});

// As API servers do it (GuaranteedUpdate): of the writes to one object that begin at once one wins, the others begin again.
const oneWriterPerObject = (wall: VirtualClock, takesMs: number) => {
  const versions = new Map<string, number>();
  const apply = async ({ metadata: { name } }: Manifest, signal?: AbortSignal): Promise<void> => {
    const seen = versions.get(name) ?? 0;
    await wall.sleep(takesMs, signal);
    if ((versions.get(name) ?? 0) !== seen) return apply({ metadata: { name } } as Manifest, signal);
    versions.set(name, seen + 1);
  };
  const remove = ({ metadata: { name } }: Manifest): Promise<void> => Promise.resolve(void versions.delete(name));
  const probe = (): Promise<void> => Promise.resolve();
  return { versions, kubernetes: { probe, apply, remove } as Partial<KubernetesWriter> as KubernetesWriter };
};

test('writes that take longer than the next one waits do not fail by each other, and leave no object behind', async () => {
  const wall = new VirtualClock();
  const { versions, kubernetes } = oneWriterPerObject(wall, 900);
  const prober = new Prober({ kubernetes, wall, timeScale: 1 });
  await wall.sleep(20_000);
  const objects = versions.size;
  const { writes } = await prober.stop();
  assert.ok(objects >= 4, `${objects} objects`);
  assert.deepEqual([writes.failed, versions.size], [0, 0]);
});
