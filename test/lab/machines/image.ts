import { randomUUID } from 'node:crypto';
import { cpSync, existsSync, globSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { run } from './commands.ts';
import type { MachineSpec } from './machine.ts';
import { routerIp } from './names.ts';

/** The parts of a lab build that machines are created from. */
export interface MachineImage {
  /** Lower folders of a machine's root, topmost first. */
  readonly layers: readonly string[];
  /** Root folder of a containerd with Kubernetes' images, unpacked. */
  readonly imageStore: string;
}

/** Creates a machine's boot disk: its folders, and the files that differ between machines. */
export const makeBootDisk = async (spec: MachineSpec, image: MachineImage): Promise<void> => {
  const upper = join(spec.folder, 'upper');
  if (existsSync(join(upper, 'etc/machine-id'))) return;
  for (const name of ['upper/etc', 'work', 'root', 'kubelet', 'log']) {
    mkdirSync(join(spec.folder, name), { recursive: true, mode: 0o755 });
  }
  await copyImages(image.imageStore, join(spec.folder, 'containerd'));
  if (spec.ca !== undefined) write(join(upper, 'usr/local/share/ca-certificates/lab.crt'), spec.ca);
  write(join(upper, 'etc/hostname'), `${spec.hostname}\n`);
  write(join(upper, 'etc/hosts'), `127.0.0.1 localhost\n${spec.ip} ${spec.hostname}\n${hostsOf(image)}`);
  write(join(upper, 'etc/resolv.conf'), `nameserver ${routerIp}\n`);
  write(join(upper, 'etc/machine-id'), `${randomUUID().replaceAll('-', '')}\n`);
};

const write = (file: string, text: string): void => {
  mkdirSync(dirname(file), { recursive: true, mode: 0o755 });
  writeFileSync(file, text, { mode: 0o644 });
};

// Names that Google's resolver knows, as listed in the image.
const hostsOf = (image: MachineImage): string => {
  const file = image.layers.map((layer) => join(layer, 'usr/lib/trizone-lab/hosts')).find((path) => existsSync(path));
  return file === undefined ? '' : readFileSync(file, 'utf8');
};

// Hard links: content and unpacked layers are never written. The databases are, so each machine has its own.
const copyImages = async (store: string, folder: string): Promise<void> => {
  await run('cp', ['-al', store, folder]);
  for (const name of globSync('**/*.db', { cwd: folder })) {
    const own = join(folder, `${name}.own`);
    cpSync(join(store, name), own);
    renameSync(own, join(folder, name));
  }
};
