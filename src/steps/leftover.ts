import { kinds, type RemovableKind } from '../gce/kinds.ts';

/** One thing that is left of a cluster. */
export interface Leftover {
  readonly kind: string;
  /** What people call the kind. */
  readonly noun: string;
  readonly name: string;
  readonly where: string;
  /** Cluster and uid by its marker; both empty for what Kubernetes made. */
  readonly cluster: string;
  readonly uid: string;
  /** Whose it was, in words. */
  readonly whose: string;
  /** What keeps costing money. */
  readonly billed: boolean;
}

/** A resource of Compute Engine as a leftover, but for whose it was. */
export const leftoverOf = (
  kind: RemovableKind,
  { name, zone, region }: { name: string; zone?: string | undefined; region?: string | undefined },
): Pick<Leftover, 'kind' | 'noun' | 'name' | 'where' | 'billed'> => {
  const { noun, billed } = kinds[kind];
  return { kind, noun, name, where: zone ?? region ?? 'global', billed };
};
