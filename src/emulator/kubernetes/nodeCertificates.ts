import type { NodeRecord } from './clusterState.ts';
import { kubeTime } from './kubeObject.ts';

const day = 86_400_000;
// Lifetime of kubeadm's certificates.
const validDays = 365;
// Same as in the startup script.
const soonDays = 180;

const annotation = 'trizone/certificates-end';

/**
 * Expiry of a master's certificates, as its maintenance annotates the
 * Node; without an annotation they are as old as the Node.
 */
export const certificatesOf = ({ created }: NodeRecord): Readonly<Record<string, string>> => ({
  [annotation]: kubeTime(created + validDays * day),
});

/** A master's start renews certificates that expire soon. */
export const renewed = (node: NodeRecord, now: number): NodeRecord => {
  const ends = { ...certificatesOf(node), ...node.annotations }[annotation];
  if (Date.parse(ends ?? '') - now >= soonDays * day) return node;
  return { ...node, annotations: { ...node.annotations, ...certificatesOf({ ...node, created: now }) } };
};
