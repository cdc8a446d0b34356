import { createHash } from 'node:crypto';
import { cpSync, existsSync, linkSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { OperatorError } from '../../../src/lib/operatorError.ts';
import { defaultKubernetes, versionsFor } from '../../../src/model/versions.ts';
import type { RegistryImage } from './registry.ts';
import { run } from './run.ts';
import type { Say } from './say.ts';

/** A container image: programs of ours, Debian's files (`extra/NAME`) and the files of `images/NAME`, in one layer. */
interface Image {
  readonly name: string;
  /** With its registry, as Kubernetes names it. */
  readonly ref: string;
  readonly programs?: readonly string[];
  /** Folder of the programs; Kubernetes' manifests find them by PATH. */
  readonly at?: string;
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
}

const versions = versionsFor(defaultKubernetes);
const kubernetes = (name: string): Image => ({
  name,
  ref: `registry.k8s.io/${name}:v${versions.kubernetes}`,
  programs: [name],
  entrypoint: [`/usr/local/bin/${name}`],
});

/**
 * What every machine has from the beginning. kube-proxy's nft names protocols by /etc/protocols: with their numbers a restarted
 * kube-proxy takes its own rules for old ones and removes them.
 */
const preloaded: readonly Image[] = [
  ...['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kube-proxy'].map(kubernetes),
  { name: 'etcd', ref: `registry.k8s.io/etcd:${versions.etcd}-0`, programs: ['etcd', 'etcdctl'] },
  {
    name: 'coredns',
    ref: `registry.k8s.io/coredns/coredns:v${versions.coreDns}`,
    programs: ['coredns'],
    at: '/',
    entrypoint: ['/coredns'],
  },
  {
    name: 'pause',
    ref: `registry.k8s.io/pause:${versions.pause}`,
    programs: ['pause'],
    at: '/',
    entrypoint: ['/pause'],
  },
];

/** What machines pull. */
const pulled: readonly Image[] = [
  { name: 'nginx', ref: 'docker.io/library/nginx:latest', command: ['nginx', '-g', 'daemon off;'] },
  { name: 'busybox', ref: 'docker.io/library/busybox:latest', command: ['sh'] },
  // The real one needs Google's whole API; in the lab a controller outside of the machines does its work on Nodes.
  {
    name: 'cloud-controller-manager',
    ref: `registry.k8s.io/cloud-provider-gcp/cloud-controller-manager:${versions.cloudController}`,
    programs: ['pause'],
    at: '/',
    entrypoint: ['/pause'],
  },
];

/** Writes the images into `preloaded/` and `pulled/` of the folder, one archive (as `docker save` writes it) each. */
export const imageArchives = async (folder: string, bin: string, debian: string, say: Say): Promise<void> => {
  say('making the images');
  await checkNames(bin);
  for (const [kind, images] of Object.entries({ preloaded, pulled })) {
    mkdirSync(join(folder, kind), { recursive: true });
    for (const image of images) await archive(image, join(folder, kind, `${image.name}.tar`), bin, debian);
  }
};

/** The archives of what machines pull, of a folder that `imageArchives` wrote. */
export const registryImagesIn = (folder: string): RegistryImage[] =>
  pulled.map(({ name, ref }) => ({ ref, tarball: join(folder, 'pulled', `${name}.tar`) }));

// kubeadm alone knows which images it will ask for.
const checkNames = async (bin: string): Promise<void> => {
  const words = ['config', 'images', 'list', '--kubernetes-version', `v${versions.kubernetes}`];
  const wanted = (await run(join(bin, 'kubeadm'), words)).trim().split('\n').sort();
  const made = preloaded.map(({ ref }) => ref).sort();
  if (wanted.join() === made.join()) return;
  throw new OperatorError(
    'internal',
    `kubeadm wants other images: ${wanted.join(' ')}; there would be ${made.join(' ')}`,
    {
      remedy: 'Correct src/model/versions.ts or test/lab/build/images.ts.',
    },
  );
};

const archive = async (image: Image, path: string, bin: string, debian: string): Promise<void> => {
  const work = mkdtempSync(`${path}.`);
  try {
    const root = join(work, 'root');
    await fill(image, root, bin, debian);
    const layer = join(work, 'layer.tar');
    const same = ['--sort=name', '--owner=0', '--group=0', '--numeric-owner', '--mtime=@0'];
    await run('tar', ['-C', root, ...same, '-cf', layer, '.']);
    await describe(image, work, layer);
    await run('tar', ['-C', work, ...same, '--exclude=./root', '-cf', path, '.']);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
};

const fill = async (image: Image, root: string, bin: string, debian: string): Promise<void> => {
  mkdirSync(root);
  for (const from of [join(debian, 'extra', image.name), join(import.meta.dirname, 'images', image.name)]) {
    if (existsSync(from)) cpSync(from, root, { recursive: true, verbatimSymlinks: true });
  }
  const at = join(root, image.at ?? '/usr/local/bin');
  mkdirSync(at, { recursive: true });
  for (const name of image.programs ?? []) linkSync(join(bin, name), join(at, name));
  await run('chmod', ['-R', 'u=rwX,go=rX', root]);
  mkdirSync(join(root, 'tmp'), { recursive: true });
  await run('chmod', ['1777', join(root, 'tmp')]);
};

const sha256 = async (path: string): Promise<string> => (await run('sha256sum', [path])).split(' ')[0]!;

const describe = async (image: Image, work: string, layer: string): Promise<void> => {
  const digest = await sha256(layer);
  renameSync(layer, join(work, `${digest}.tar`));
  const config = JSON.stringify({
    architecture: 'amd64',
    os: 'linux',
    created: '1970-01-01T00:00:00Z',
    config: {
      Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
      Entrypoint: image.entrypoint,
      Cmd: image.command,
    },
    rootfs: { type: 'layers', diff_ids: [`sha256:${digest}`] },
  });
  const name = `${createHash('sha256').update(config).digest('hex')}.json`;
  writeFileSync(join(work, name), config);
  const manifest = [{ Config: name, RepoTags: [image.ref], Layers: [`${digest}.tar`] }];
  writeFileSync(join(work, 'manifest.json'), JSON.stringify(manifest));
};
