import { kinds, type RemovableKind } from '../gce/kinds.ts';

/** One remaining resource of a cluster. */
export interface Leftover {
  readonly kind: string;
  /** The kind in prose. */
  readonly noun: string;
  readonly name: string;
  readonly where: string;
  /** Cluster and uid from its marker; both empty for what Kubernetes created. */
  readonly cluster: string;
  readonly uid: string;
  /** Its former owner, in words. */
  readonly whose: string;
  /** Whether it still incurs costs. */
  readonly billed: boolean;
}

/** A Compute Engine resource as a leftover, without its owner. */
export const leftoverOf = (
  kind: RemovableKind,
  { name, zone, region }: { name: string; zone?: string | undefined; region?: string | undefined },
): Pick<Leftover, 'kind' | 'noun' | 'name' | 'where' | 'billed'> => {
  const { noun, billed } = kinds[kind];
  return { kind, noun, name, where: zone ?? region ?? 'global', billed };
};
