import type { Cloud } from '../cloud.ts';
import { find, resources } from '../compute/catalog.ts';
import { membersOf } from '../compute/kinds/groupMembers.ts';
import { readLink } from '../compute/paths.ts';
import type { BackendService, ForwardingRule } from '../compute/resources.ts';

/** The rule for an address and port as seen from this network: internal addresses mean nothing elsewhere. */
export const ruleAt = (
  cloud: Cloud,
  ip: string,
  port: number,
  network: string | undefined,
): ForwardingRule | undefined =>
  resources<ForwardingRule>(cloud, 'forwardingRules').find(
    ({ resource }) =>
      resource.IPAddress === ip &&
      takesPort(resource, port) &&
      (resource.loadBalancingScheme === 'EXTERNAL' || resource.network === network),
  )?.resource;

const takesPort = (rule: ForwardingRule, port: number): boolean => {
  if (rule.allPorts === true) return true;
  if (rule.ports !== undefined) return rule.ports.includes(String(port));
  const [from = '', to = from] = (rule.portRange ?? '').split('-');
  return port >= Number(from) && port <= Number(to);
};

/** Path of the backend service behind a rule. */
export const backendServiceOf = (cloud: Cloud, rule: ForwardingRule): string =>
  readLink(cloud.project, rule.backendService ?? '')?.path ?? '';

/** Paths of all machines behind a backend service, without duplicates. */
export const backendsOf = (cloud: Cloud, servicePath: string): string[] => [
  ...new Set(
    (find<BackendService>(cloud, servicePath)?.backends ?? []).flatMap(({ group }) =>
      membersOf(cloud, readLink(cloud.project, group)?.path ?? ''),
    ),
  ),
];

/** Rules that send traffic to a machine: their addresses are local on it. */
export const forwardingRulesTo = (cloud: Cloud, instancePath: string): ForwardingRule[] =>
  resources<ForwardingRule>(cloud, 'forwardingRules')
    .map(({ resource }) => resource)
    .filter((rule) => backendsOf(cloud, backendServiceOf(cloud, rule)).includes(instancePath));

/** Rules of a backend service. */
export const rulesOf = (cloud: Cloud, servicePath: string): ForwardingRule[] =>
  resources<ForwardingRule>(cloud, 'forwardingRules')
    .map(({ resource }) => resource)
    .filter((rule) => backendServiceOf(cloud, rule) === servicePath);
