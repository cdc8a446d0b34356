import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Worker } from 'node:worker_threads';
import '../support/lean.ts';
import { makeSession, type Session } from '../../src/compose.ts';
import { fileJournals } from '../../src/engine/journal.ts';
import { connectCloud } from '../../src/gce/connect.ts';
import { connectKubernetes } from '../../src/kube/client.ts';
import { wallClock } from '../../src/lib/clock.ts';
import { systemIds } from '../../src/lib/ids.ts';
import { Observation } from '../../src/ui/observation.ts';
import type { Snapshot } from '../../src/ui/snapshot.ts';
import { sourceOf } from '../../src/ui/source.ts';
import { project } from '../support/cloudWorld.ts';
import { median } from './bundles.ts';
import type { Row } from './run.ts';

const nodes = 500;
const rounds = 9;

/** A session over real sockets that counts its requests to Google. */
const connect = async (endpoint: string, secret: string, folder: string, calls: { sent: number }): Promise<Session> => {
  const cloud = await connectCloud({
    ...{ project, endpoint, token: secret, clock: wallClock, wall: wallClock, ids: systemIds },
    fetch: (url, init) => {
      calls.sent++;
      return fetch(url, init);
    },
  });
  return makeSession({
    ...{ cloud, clock: wallClock, wall: wallClock, ids: systemIds, folder, journals: fileJournals(folder) },
    timeScale: 1,
    proxy: endpoint.replace('//', `//trizone:${secret}@`),
    connect: (text) => connectKubernetes(text, wallClock),
  });
};

const cloudThread = async () => {
  const thread = new Worker(join(import.meta.dirname, 'cloudThread.ts'), { workerData: { nodes } });
  const [at] = (await once(thread, 'message')) as [{ endpoint: string; secret: string }];
  const tell = async (message: unknown): Promise<void> => {
    thread.postMessage(message);
    await once(thread, 'message');
  };
  return { ...at, tell };
};

interface Told {
  readonly ms: number;
  readonly snapshot: Snapshot | undefined;
}

const observe = (session: Session, file: string) => {
  const told: Told[] = [];
  const observation = new Observation({
    source: () => Promise.resolve(sourceOf(session.world)),
    wall: wallClock,
    cacheFile: () => file,
    everyMs: () => 3_600_000,
    listen: (snapshot) => told.push({ ms: performance.now(), snapshot }),
  });
  return { observation, told };
};

const refreshes = async (observation: Observation, calls: { sent: number }) => {
  const times: number[] = [];
  const blocks: number[] = [];
  calls.sent = 0;
  for (let i = 0; i < rounds; i++) {
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    const start = performance.now();
    await observation.refresh();
    times.push(performance.now() - start);
    await wallClock.sleep(20);
    delay.disable();
    blocks.push(delay.max / 1e6);
  }
  return { times, blocks };
};

/** Times from a first look with a hanging API: to the cached tree, and to the fresh cloud half. */
const firstLooks = async (session: Session, file: string) => {
  const looks: [number, number][] = [];
  for (let i = 0; i < rounds; i++) {
    const { observation, told } = observe(session, file);
    const start = performance.now();
    observation.look('tree');
    while (!told.some((t) => t.snapshot?.fresh)) await wallClock.sleep(1);
    observation.stop();
    const [cached, fresh] = [told[0], told.find((t) => t.snapshot?.fresh)];
    if (cached?.snapshot?.clusters[0]?.pools[0]?.nodes.length !== nodes) throw new Error('the cache is not whole');
    looks.push([cached.ms - start, (fresh?.ms ?? NaN) - start]);
  }
  return looks;
};

/** The editor's refresh of a large cluster: its cost, and how long it blocks the extension host. */
export const observationOf500 = async (): Promise<Row[]> => {
  const folder = mkdtempSync(join(tmpdir(), 'trizone-bench-'));
  const file = join(folder, 'snapshot.json');
  const cloud = await cloudThread();
  const calls = { sent: 0 };
  const session = await connect(cloud.endpoint, cloud.secret, folder, calls);
  try {
    const { observation, told } = observe(session, file);
    for (let i = 0; i < 3; i++) await observation.refresh(); // warm-up: code compiled, client loaded
    const ready = told.at(-1)?.snapshot?.clusters[0]?.pools[0]?.nodes.filter((n) => n.node === 'Ready').length;
    if (ready !== nodes) throw new Error(`not all nodes were seen: ${ready ?? 0}`);
    const { times, blocks } = await refreshes(observation, calls);
    const sent = calls.sent / rounds;
    observation.stop();
    const always = { match: { verb: 'connect' }, nth: 'every' };
    await cloud.tell([{ ...always, fault: { type: 'apiServerUnreachable', how: 'hang' } }]);
    const looks = await firstLooks(session, file);
    const ms = (n: number): string => `${n.toFixed(0)} ms`;
    return [
      ['refresh', ms(median(times)), 'goal ≤ 1000 ms'],
      ['requests to Google of one refresh', String(sent), 'goal ≤ 14'],
      [
        'longest block of the host in it (median / worst)',
        `${ms(median(blocks))} / ${ms(Math.max(...blocks))}`,
        'goal ≤ 50 ms',
      ],
      ['first look → cached tree, API hangs', ms(median(looks.map(([cached]) => cached))), 'goal ≤ 200 ms'],
      ['first look → fresh cloud half, API hangs', ms(median(looks.map(([, fresh]) => fresh))), ''],
    ];
  } finally {
    await session.close();
    await cloud.tell('end');
    rmSync(folder, { recursive: true });
  }
};
