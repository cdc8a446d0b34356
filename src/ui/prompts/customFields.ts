import type { ClusterInput, ClusterSpec } from '../../model/cluster.ts';
import { poolFields } from '../../model/poolOptions.ts';
import type { Translate } from '../translate.ts';

/** What a person asks for; the project is the connection's. */
export type CreateRequest = Omit<ClusterInput, 'project'>;

/** A rarely changed part of a cluster: how it is shown, and the wish with what was typed in its place. */
export interface Field {
  readonly label: string;
  readonly value: (spec: ClusterSpec) => string;
  readonly set: (request: CreateRequest, typed: string) => CreateRequest;
}

/** Everything that Customise… offers. */
export const customFields = (t: Translate): readonly Field[] => [
  ...poolFields.map(({ title, show, read }) =>
    field(
      translated(t, title),
      (s) => show(s.pool),
      (typed) => read(typed),
    ),
  ),
  field(
    t('Machine type for the master'),
    (s) => s.master.machineType,
    (masterType) => ({ masterType }),
  ),
  field(
    t('Kubernetes version'),
    (s) => s.versions.kubernetes,
    (kubernetes) => ({ kubernetes }),
  ),
  field(
    t('Subnet range'),
    (s) => s.subnetCidr,
    (subnetCidr) => ({ subnetCidr }),
  ),
  field(
    t('Pod range'),
    (s) => s.podCidr,
    (podCidr) => ({ podCidr }),
  ),
  field(
    t('Service range'),
    (s) => s.serviceCidr,
    (serviceCidr) => ({ serviceCidr }),
  ),
];

// The titles stand in the options' own rows.
const translated = (translate: Translate, title: string): string => translate(title);

const field = (
  label: string,
  value: Field['value'],
  part: (typed: string) => CreateRequest | Partial<CreateRequest>,
): Field => ({
  label,
  value,
  set: (request, typed) => ({ ...request, ...part(typed) }),
});
