import { markerOf } from './marker.ts';

/** The fields of a resource that identify its creator. */
interface Named {
  readonly name: string;
  readonly description: string;
  readonly labels?: Readonly<Record<string, string>>;
}

const field = (description: string, key: string): string | undefined =>
  new RegExp(`"${key.replaceAll('.', '\\.')}" ?: ?"([^"]*)"`).exec(description)?.[1];

/**
 * `namespace/name` of the Service that a load balancer's part was created for (cloud-provider-gcp,
 * makeServiceDescription).
 */
export const serviceOf = ({ description }: Named): string | undefined =>
  field(description, 'kubernetes.io/service-name');

/**
 * `namespace/name` of the claim that a disk was created for (Google's persistent disk driver, `created-for` in its
 * tags).
 */
export const claimOf = ({ name, description }: Named): string | undefined => {
  const claim = field(description, 'kubernetes.io/created-for/pvc/name');
  if (!name.startsWith('pvc-') || claim === undefined) return undefined;
  return `${field(description, 'kubernetes.io/created-for/pvc/namespace') ?? ''}/${claim}`;
};

/** Name of the load balancer that a firewall belongs to (MakeFirewallName); undefined for any other firewall. */
export const balancerOf = (firewall: string): string | undefined => /^k8s-fw-(a[0-9a-f]{31})$/.exec(firewall)?.[1];

/**
 * Name of the health check that a firewall admits (MakeHealthCheckFirewallName): shared by all nodes, or one Service's
 * own.
 */
export const checkOf = (firewall: string): string | undefined =>
  /^(k8s-[0-9a-f]{16}-node)-http-hc$/.exec(firewall)?.[1] ?? /^k8s-(a[0-9a-f]{31})-http-hc$/.exec(firewall)?.[1];

/** Whether Kubernetes created a firewall (for load balancers or Ingresses); ours have a marker. */
export const isMadeFirewall = (firewall: Named): boolean =>
  markerOf(firewall) === undefined && /^k8s-(fw-|.*-hc$)/.test(firewall.name);
