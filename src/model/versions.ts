import { invalid } from '../lib/operatorError.ts';

/** The versions of all components of a cluster; chosen together because they were tested together. */
export interface Versions {
  /** Without the leading v. */
  readonly kubernetes: string;
  readonly etcd: string;
  readonly coreDns: string;
  readonly pause: string;
  readonly containerd: string;
  readonly runc: string;
  readonly cniPlugins: string;
  /** Image tag of the cloud controller manager. */
  readonly cloudController: string;
  /**
   * SHA-256 of the release archives (amd64), by component. Absent = not known here: the boot script then verifies the
   * archive against the checksum file that its publisher provides.
   */
  readonly sha256: Readonly<Partial<Record<'containerd' | 'runc' | 'cniPlugins', string>>>;
}

const shared = { pause: '3.10.2', containerd: '2.2.9', runc: '1.3.3', cniPlugins: '1.9.1' } as const;

/**
 * Kubernetes minor → matching versions. kubeadm 1.37's own constants name etcd 3.7.0 and CoreDNS 1.14.6 (measured).
 * UNPROVEN: the cloud controller manager's image tags (its registry was never queried from here) and the patch versions
 * of etcd and CoreDNS for 1.35 and 1.36; a first run on a real project must confirm them.
 */
const table: Readonly<Record<string, Versions>> = {
  '1.37': { ...shared, kubernetes: '1.37.2', etcd: '3.7.0', coreDns: '1.14.6', cloudController: 'v37.0.0', sha256: {} },
  '1.36': { ...shared, kubernetes: '1.36.3', etcd: '3.6.5', coreDns: '1.13.1', cloudController: 'v36.0.0', sha256: {} },
  '1.35': { ...shared, kubernetes: '1.35.4', etcd: '3.6.5', coreDns: '1.13.1', cloudController: 'v35.0.0', sha256: {} },
};

/** Default version of `trizone up`. */
export const defaultKubernetes = '1.37.2';

/** Supported minor versions, newest first. */
export const supportedMinors: readonly string[] = Object.keys(table);

/** The versions that match a Kubernetes version such as `1.37.2` or `v1.36.0`; rejects untested minors. */
export const versionsFor = (kubernetes: string): Versions => {
  const match = /^v?(\d+\.\d+)\.(\d+)$/.exec(kubernetes);
  const found = match?.[1] === undefined ? undefined : table[match[1]];
  if (match === null || found === undefined) {
    throw invalid(
      `Unsupported Kubernetes version: ${kubernetes}`,
      `Use a patch version of ${supportedMinors.join(', ')}, for example ${defaultKubernetes}.`,
    );
  }
  return { ...found, kubernetes: `${match[1]}.${match[2]}` };
};
