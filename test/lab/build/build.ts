import { basename, join } from 'node:path';
import { baseSystem } from './base.ts';
import { parted } from './cache.ts';
import { prepareHost } from './host.ts';
import { imageArchives, registryImagesIn } from './images.ts';
import { imageStore } from './imageStore.ts';
import { keyOf } from './key.ts';
import { machineLayer } from './layer.ts';
import { programs } from './programs.ts';
import { fillRegistry, type RegistryImage } from './registry.ts';
import { clockedSay, type Say } from './say.ts';

export { whyNoLab } from './host.ts';

/** Artifacts that machines are built from. */
export interface LabBuild {
  /** Programs for the lab itself: kubectl etcdctl containerd ctr crane coredns … */
  readonly bin: string;
  /** Lower folders of a machine's overlay, topmost first. */
  readonly layers: readonly string[];
  /** Root folder of a containerd with Kubernetes' own images, unpacked: hard-linked into each machine, except `*.db`. */
  readonly imageStore: string;
  /** Blobs of the registry, for `crane registry serve --disk`. */
  readonly registry: string;
  /** Images to push to the registry at each start, because it forgets manifests (`serveRegistry` does this). */
  readonly registryImages: readonly RegistryImage[];
}

/** Builds what is missing and logs its progress: 20 minutes from scratch, one second if nothing changed. */
export const labBuild = async (say: Say): Promise<LabBuild> => {
  const told = clockedSay(say);
  await prepareHost(told);
  // The compilers take a quarter of an hour; Debian is installed in parallel.
  const [bin, debian] = await Promise.all([programs(told), baseSystem(told)]);
  const root = join(debian, 'root');
  const files = ['guest', 'images', 'layer.ts', 'images.ts', 'imageStore.ts', 'registry.ts'];
  const machine = await parted(
    'machine',
    keyOf(
      files,
      [bin, debian].map((path) => basename(path)),
    ),
    told,
    async (folder) => {
      await machineLayer(join(folder, 'layer'), bin);
      await imageArchives(join(folder, 'archives'), bin, debian, told);
      await imageStore(join(folder, 'store'), join(folder, 'archives'), bin, told);
      await fillRegistry(join(folder, 'registry'), registryImagesIn(join(folder, 'archives')), bin, told);
    },
  );
  return {
    bin,
    layers: [join(machine, 'layer'), root],
    imageStore: join(machine, 'store'),
    registry: join(machine, 'registry'),
    registryImages: registryImagesIn(join(machine, 'archives')),
  };
};
