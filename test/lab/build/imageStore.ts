import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from './run.ts';
import type { Say } from './say.ts';
import { end, serve } from './server.ts';

/** Makes a containerd root folder that holds the archives of `preloaded/`, unpacked as containers use them. */
export const imageStore = async (store: string, archives: string, bin: string, say: Say): Promise<void> => {
  say('unpacking the images');
  mkdirSync(store);
  // A socket's path may have 108 bytes.
  const state = mkdtempSync(join(tmpdir(), 'trizone-lab-'));
  const socket = join(state, 'socket');
  const config = join(state, 'config.toml');
  writeFileSync(config, configuration(store, state, socket));
  const ctr = (...words: string[]): Promise<string> => run(join(bin, 'ctr'), ['--address', socket, ...words]);
  const daemon = await serve(join(bin, 'containerd'), ['--config', config], join(state, 'log'), () => ctr('version'));
  try {
    const folder = join(archives, 'preloaded');
    for (const name of readdirSync(folder)) {
      await ctr(
        '--namespace',
        'k8s.io',
        'images',
        'import',
        '--local',
        '--snapshotter',
        'overlayfs',
        join(folder, name),
      );
    }
  } finally {
    await end(daemon);
    rmSync(state, { recursive: true, force: true });
  }
};

const configuration = (store: string, state: string, socket: string): string => `version = 3
root = ${JSON.stringify(store)}
state = ${JSON.stringify(join(state, 'state'))}
disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.cri.v1.images", "io.containerd.cri.v1.runtime", "io.containerd.nri.v1.nri"]
[grpc]
  address = ${JSON.stringify(socket)}
`;
