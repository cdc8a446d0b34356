import type { ClusterData } from './clusterState.ts';
import { serviceSpec, storedOf } from './storedObject.ts';

/** The n-th address of the Service range. */
export const serviceIp = (cidr: string, index: number): string => {
  const start = (cidr.split('/')[0] ?? '').split('.').reduce((sum, part) => sum * 256 + Number(part), 0) + index;
  return [24, 16, 8, 0].map((bits) => Math.floor(start / 2 ** bits) % 256).join('.');
};

/** A free address for a new Service; the first ones are reserved for the API and DNS. */
export const freeServiceIp = (data: ClusterData): string => {
  const used = new Set(storedOf(data, 'services').map(([, { object }]) => serviceSpec(object).clusterIP));
  for (let n = 11; ; n++) if (!used.has(serviceIp(data.serviceCidr, n))) return serviceIp(data.serviceCidr, n);
};

/** The ports, each without a node port given a free one (service-node-port-range 30000-32767). */
export const withNodePorts = <P extends { readonly nodePort?: number | undefined }>(
  data: ClusterData,
  ports: readonly P[],
): readonly P[] => {
  const used = new Set(
    storedOf(data, 'services').flatMap(([, { object }]) => serviceSpec(object).ports.map((p) => p.nodePort)),
  );
  const free = Array.from({ length: 2768 }, (_, i) => 30000 + i).filter((n) => !used.has(n));
  return ports.map((p, i) => ({ ...p, nodePort: p.nodePort ?? free[i] }));
};
