import { linkSync } from 'node:fs';
import { join } from 'node:path';
import { defaultKubernetes, versionsFor } from '../../../src/model/versions.ts';
import { etcdPrograms } from '../../support/realEtcd.ts';
import { parted } from './cache.ts';
import { keyOf } from './key.ts';
import { run } from './run.ts';
import type { Say } from './say.ts';

/** Programs that one Go module of `modules/` pins and builds. */
interface ProgramSet {
  readonly module: string;
  readonly packages: readonly string[];
  /** `-X` settings of the linker: what the programs say of their version. */
  readonly says?: Readonly<Record<string, string>>;
  /** Folder within the programs, or the name of the only program; the programs' folder itself when absent. */
  readonly to?: string;
}

const { kubernetes, containerd } = versionsFor(defaultKubernetes);
const [major = '', minor = ''] = kubernetes.split('.');

// kubeadm derives defaults and skew from what it says of itself. The same variables as in Kubernetes' hack/lib/version.sh.
const kubernetesVersion = (variables: string): Record<string, string> => ({
  [`${variables}.gitVersion`]: `v${kubernetes}`,
  [`${variables}.gitMajor`]: major,
  [`${variables}.gitMinor`]: minor,
  [`${variables}.gitTreeState`]: 'clean',
});

const kubernetesPrograms = [
  'kubeadm',
  'kubelet',
  'kubectl',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kube-proxy',
];
const containerdPrograms = ['containerd', 'containerd-shim-runc-v2', 'ctr'];
const plugins = ['main/ptp', 'main/loopback', 'ipam/host-local', 'meta/portmap'];

/** The longest first: what fails does so in the order in which somebody waits for it. */
const sets: readonly ProgramSet[] = [
  {
    module: 'kubernetes',
    packages: kubernetesPrograms.map((name) => `k8s.io/kubernetes/cmd/${name}`),
    says: {
      ...kubernetesVersion('k8s.io/component-base/version'),
      ...kubernetesVersion('k8s.io/client-go/pkg/version'),
    },
  },
  {
    module: 'containerd',
    packages: containerdPrograms.map((name) => `github.com/containerd/containerd/v2/cmd/${name}`),
    says: { 'github.com/containerd/containerd/v2/version.Version': `v${containerd}` },
  },
  {
    module: 'cni',
    packages: plugins.map((name) => `github.com/containernetworking/plugins/plugins/${name}`),
    to: 'cni/',
  },
  { module: 'coredns', packages: ['.'], to: 'coredns' },
  { module: 'crane', packages: ['github.com/google/go-containerregistry/cmd/crane'] },
  { module: 'pause', packages: ['.'], to: 'pause' },
];

const etcdModule = ['../../conformance/etcd/go.mod', '../../conformance/etcd/go.sum'];

/**
 * Folder with every program of the lab, built by Go from modules that pin all sources (`cni/`: the network plugins). Static:
 * the same files serve in machines, in images and on this computer.
 */
export const programs = (say: Say): Promise<string> =>
  parted(
    'programs',
    keyOf(['modules', 'programs.ts', ...etcdModule], [kubernetes, containerd]),
    say,
    async (folder) => {
      for (const set of sets) {
        say(`building ${set.module}`);
        await build(set, folder);
      }
      say('building etcd');
      for (const name of ['etcd', 'etcdctl']) linkSync(join(etcdPrograms(), name), join(folder, name));
    },
  );

const build = async ({ module, packages, says = {}, to = '' }: ProgramSet, folder: string): Promise<void> => {
  const sayings = Object.entries(says).map(([variable, value]) => `-X ${variable}=${value}`);
  const flags = ['-p', '2', '-trimpath', '-ldflags', ['-s -w', ...sayings].join(' ')];
  // No Go compiler for C is needed, and the checkout's own version says nothing here.
  const env = { CGO_ENABLED: '0', GOFLAGS: '-buildvcs=false -mod=readonly' };
  await run('go', ['build', ...flags, '-o', `${folder}/${to}`, ...packages], {
    cwd: join(import.meta.dirname, 'modules', module),
    env,
  });
};
