import type { ClusterInput, ClusterSpec } from '../../model/cluster.ts';
import { poolFields } from '../../model/poolOptions.ts';
import type { Translate } from '../translate.ts';

/** A cluster request; the project is the connection's. */
export type CreateRequest = Omit<ClusterInput, 'project'>;

/** A rarely changed setting of a cluster: how it is shown, and the request with a typed value for it. */
export interface Field {
  readonly label: string;
  readonly value: (spec: ClusterSpec) => string;
  readonly set: (request: CreateRequest, typed: string) => CreateRequest;
}

/** All settings offered by Customize…. */
export const customFields = (t: Translate): readonly Field[] => [
  ...poolFields.map(({ title, show, read }) =>
    field(
      optionTitle(t, title),
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

// The titles are defined in the options' own rows.
const optionTitle = (translate: Translate, title: string): string => translate(title);

const field = (
  label: string,
  value: Field['value'],
  part: (typed: string) => CreateRequest | Partial<CreateRequest>,
): Field => ({
  label,
  value,
  set: (request, typed) => ({ ...request, ...part(typed) }),
});
