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

/** What machines are made from. */
export interface LabBuild {
  /** Folder of programs for the lab itself: kubectl etcdctl containerd ctr crane coredns … */
  readonly bin: string;
  /** Lower folders of a machine's overlay, topmost first. */
  readonly layers: readonly string[];
  /** Root folder of a containerd that holds Kubernetes' own images, unpacked: hard-linked into each machine, but for `*.db`. */
  readonly imageStore: string;
  /** Blobs of the registry, for `crane registry serve --disk`. */
  readonly registry: string;
  /** What the registry must be told at each start, because it forgets manifests (`serveRegistry` does). */
  readonly registryImages: readonly RegistryImage[];
}

/** Builds what is missing, which takes 20 minutes from nothing and a second when nothing changed; says what it does. */
export const labBuild = async (say: Say): Promise<LabBuild> => {
  const told = clockedSay(say);
  await prepareHost(told);
  // The compilers are busy for a quarter of an hour; Debian comes meanwhile.
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
