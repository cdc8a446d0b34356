import * as v from 'valibot';
import type { BootConfig } from '../../boot/config.ts';
import { metadataItem } from '../../boot/metadata.ts';
import type { ClusterStore } from '../kubernetes/clusterStore.ts';
import type { GuestHost, GuestMachine } from '../guestRuntime.ts';

/** Context of one machine's simulated boot. */
export interface Guest {
  readonly host: GuestHost;
  readonly store: ClusterStore;
  readonly machine: GuestMachine;
  readonly config: BootConfig;
}

const text = v.pipe(v.string(), v.minLength(1));
const configSchema = v.object({
  trizone: v.literal(1),
  role: v.picklist(['first', 'replica', 'node']),
  cluster: text,
  uid: text,
  project: text,
  region: text,
  versions: v.object({
    kubernetes: text,
    etcd: text,
    coreDns: text,
    pause: text,
    containerd: text,
    runc: text,
    cniPlugins: text,
    cloudController: text,
    sha256: v.object({}),
  }),
  podCidr: text,
  serviceCidr: text,
  internalIp: text,
  externalIp: text,
  ownIp: v.exactOptional(text),
  network: text,
  subnetwork: text,
  secrets: v.object({ pki: text, join: text, admin: text }),
  pool: v.exactOptional(text),
});

/** Boot configuration of a Trizone machine; undefined for any other machine, or if it cannot be parsed. */
export const configOf = (host: GuestHost, key: string): BootConfig | undefined => {
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), configSchema), host.metadata(key)[metadataItem.config]);
  return parsed.success ? parsed.output : undefined;
};
