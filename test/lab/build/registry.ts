import type { ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../support/freePort.ts';
import { run } from './run.ts';
import type { Say } from './say.ts';
import { end, serve } from './server.ts';

/** An image that machines pull. */
export interface RegistryImage {
  /** With its registry and tag, `docker.io/library/nginx:latest`; machines ask the lab's registry for the rest of it. */
  readonly ref: string;
  /** As `docker save` writes it. */
  readonly tarball: string;
}

/**
 * Serves images at `address` (host:port, plain http) and returns when they can be pulled. crane's registry keeps blobs in a
 * folder but manifests in memory, so every start pushes; what is there already (`blobs`) is not written again.
 */
export const serveRegistry = async (
  crane: string,
  blobs: string,
  images: readonly RegistryImage[],
  address: string,
  log: string,
): Promise<ChildProcess> => {
  const words = ['registry', 'serve', '--address', address, '--disk', blobs];
  const child = await serve(crane, words, log, () => run(crane, ['catalog', '--insecure', address]));
  try {
    for (const { ref, tarball } of images) {
      await run(crane, ['push', '--insecure', tarball, `${address}/${ref.slice(ref.indexOf('/') + 1)}`]);
    }
  } catch (error) {
    await end(child);
    throw error;
  }
  return child;
};

/** Puts the images' blobs into the folder, so that later starts only push their manifests. */
export const fillRegistry = async (
  blobs: string,
  images: readonly RegistryImage[],
  bin: string,
  say: Say,
): Promise<void> => {
  say('filling the registry');
  mkdirSync(blobs);
  const work = mkdtempSync(join(tmpdir(), 'trizone-lab-'));
  try {
    const address = `127.0.0.1:${await freePort()}`;
    await end(await serveRegistry(join(bin, 'crane'), blobs, images, address, join(work, 'log')));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
};
