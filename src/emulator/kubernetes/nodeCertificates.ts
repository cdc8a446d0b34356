import type { NodeRecord } from './clusterState.ts';
import { kubeTime } from './kubeObject.ts';

const day = 86_400_000;
// kubeadm's certificates.
const validDays = 365;
// As the startup script has it.
const soonDays = 180;

const annotation = 'trizone/certificates-end';

/** When a master's certificates end, as its care annotates its Node; those of a Node that nobody touched are as old as it is. */
export const certificatesOf = ({ created }: NodeRecord): Readonly<Record<string, string>> => ({
  [annotation]: kubeTime(created + validDays * day),
});

/** The master's start has renewed its certificates where they end soon. */
export const renewed = (node: NodeRecord, now: number): NodeRecord => {
  const ends = { ...certificatesOf(node), ...node.annotations }[annotation];
  if (Date.parse(ends ?? '') - now >= soonDays * day) return node;
  return { ...node, annotations: { ...node.annotations, ...certificatesOf({ ...node, created: now }) } };
};
