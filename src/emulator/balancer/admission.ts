import type { Cloud } from '../cloud.ts';
import { find, resources } from '../compute/catalog.ts';
import { addressNumber, containsAddress, parseRange } from '../compute/cidr.ts';
import type { Firewall, FirewallPorts, Instance } from '../compute/resources.ts';

/** Source of a connection: its address, and network tags if it is an instance of the project. */
export interface TrafficSource {
  readonly ip: string;
  readonly tags: readonly string[];
}

// Google's public health-check ranges; a probe of any passthrough balancer may come from here.
const proberIp = '35.191.0.1';

/**
 * Whether the firewall lets the balancer's probes reach a TCP port.
 * Without that rule the load balancer has no healthy backend.
 */
export const admitsProbe = (cloud: Cloud, instancePath: string, port: number): boolean =>
  admits(cloud, { ip: proberIp, tags: [] }, instancePath, port);

/** Whether the firewall rules of the instance's network allow a TCP connection; the default is deny. */
export const admits = (cloud: Cloud, from: TrafficSource, instancePath: string, port: number): boolean => {
  const instance = find<Instance>(cloud, instancePath);
  const network = instance?.networkInterfaces[0]?.network;
  if (instance === undefined || network === undefined) return false;
  const tags = instance.tags.items ?? [];
  const rules = resources<Firewall>(cloud, 'firewalls')
    .map(({ resource }) => resource)
    .filter((rule) => rule.network === network && rule.direction === 'INGRESS' && !rule.disabled)
    .filter((rule) => applies(rule, tags) && comesFrom(rule, from) && coversPort(rule, port))
    .sort((a, b) => a.priority - b.priority || Number(a.denied === undefined) - Number(b.denied === undefined));
  return rules[0] !== undefined && rules[0].denied === undefined;
};

const applies = (rule: Firewall, tags: readonly string[]): boolean =>
  rule.targetTags === undefined || rule.targetTags.length === 0 || rule.targetTags.some((t) => tags.includes(t));

const comesFrom = (rule: Firewall, from: TrafficSource): boolean => {
  const address = addressNumber(from.ip) ?? 0;
  const byRange = (rule.sourceRanges ?? []).some((text) => {
    const range = parseRange(text.includes('/') ? text : `${text}/32`);
    return range !== undefined && containsAddress(range, address);
  });
  return byRange || (rule.sourceTags ?? []).some((t) => from.tags.includes(t));
};

const coversPort = (rule: Firewall, port: number): boolean =>
  [...(rule.allowed ?? []), ...(rule.denied ?? [])].some(
    (entry) => ['tcp', '6', 'all'].includes(entry.IPProtocol) && coversOne(entry, port),
  );

const coversOne = ({ ports }: FirewallPorts, port: number): boolean =>
  ports === undefined ||
  ports.length === 0 ||
  ports.some((text) => {
    const [first = '', last = first] = text.split('-');
    return port >= Number(first) && port <= Number(last);
  });
