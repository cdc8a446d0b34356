import type { Resources } from '../gce/kinds.ts';
import { message, type Message } from '../lib/message.ts';
import type { Cluster } from '../model/cluster.ts';
import { link } from '../model/links.ts';
import { markerDescription } from '../model/marker.ts';
import type { Names } from '../model/names.ts';
import { createLine, ensure } from './resource.ts';
import type { After, CloudStep } from './world.ts';

/** One rule: which sources may reach which machines on which ports. */
export interface FirewallRule {
  readonly name: string;
  readonly title: Message;
  readonly sourceRanges: readonly string[];
  readonly sourceTags: readonly string[];
  readonly targetTags: readonly string[];
  /** protocol → ports; no ports = all of the protocol. */
  readonly allowed: Readonly<Record<string, readonly string[]>>;
}

// Google's health checkers: internal passthrough 35.191/16 and 130.211/22, external passthrough also the two 209.85 ranges.
const healthCheckers = ['35.191.0.0/16', '130.211.0.0/22', '209.85.152.0/22', '209.85.204.0/22'];
// Identity-Aware Proxy's forwarding range: the only source allowed for SSH.
const iap = '35.235.240.0/20';
const anywhere = '0.0.0.0/0';

const isOpen = (allow: readonly string[]): boolean => allow.length === 0 || allow.includes(anywhere);

/** The ranges that may reach an existing cluster's API; undefined if it is open to all or has no rule yet. */
export const narrowed = (names: Names, firewalls: readonly Resources['firewalls'][]): readonly string[] | undefined => {
  const sources = firewalls.find((f) => f.name === names.firewalls.https)?.sourceRanges;
  return sources === undefined || isOpen(sources) ? undefined : sources;
};

/** The seven rules of a cluster. etcd's ports are open only between masters, as in kube-up's config-default.sh. */
export const clusterRules = (cluster: Cluster): FirewallRule[] => {
  const { firewalls, masterTag, nodeTag } = cluster.names;
  const inside = [cluster.subnetCidr, cluster.podCidr];
  const api = isOpen(cluster.apiAllow) ? [anywhere] : [...new Set([...cluster.apiAllow, ...inside])];
  const rule = (
    name: string,
    title: Message,
    to: string[],
    from: string[],
    allowed: FirewallRule['allowed'],
  ): FirewallRule => ({
    name,
    title,
    sourceRanges: from,
    sourceTags: [],
    targetTags: to,
    allowed,
  });
  const everything = { tcp: [], udp: [], icmp: [] };
  return [
    rule(firewalls.https, message('Allow access to the API'), [masterTag], api, { tcp: ['443'] }),
    rule(firewalls.healthCheck, message('Allow health checks'), [masterTag], healthCheckers, { tcp: ['443'] }),
    {
      ...rule(firewalls.etcd, message('Allow masters to reach etcd'), [masterTag], [], { tcp: ['2379-2380'] }),
      sourceTags: [masterTag],
    },
    rule(firewalls.internalMaster, message('Allow the cluster to reach masters'), [masterTag], inside, {
      tcp: ['1-2378', '2381-65535'],
      udp: [],
      icmp: [],
    }),
    rule(
      firewalls.internalNode,
      message('Allow the cluster to reach nodes'),
      [nodeTag],
      [cluster.subnetCidr],
      everything,
    ),
    rule(firewalls.nodes, message('Allow pods to reach nodes'), [nodeTag], [cluster.podCidr], everything),
    rule(firewalls.ssh, message('Allow SSH through Identity-Aware Proxy'), [masterTag, nodeTag], [iap], {
      tcp: ['22'],
    }),
  ];
};

/** A rule in a plan's words. */
export const ruleWords = (rule: FirewallRule): string => {
  const ports = Object.entries(rule.allowed).map(([p, list]) => (list.length === 0 ? p : `${p}:${list.join(',')}`));
  const from = rule.sourceTags.length > 0 ? `tag ${rule.sourceTags.join(', ')}` : rule.sourceRanges.join(', ');
  const open = rule.sourceRanges.includes(anywhere) ? ' (open to the internet; restrict it with --api-allow)' : '';
  return `${ports.join(' ')} from ${from}${open}`;
};

/** Ensures a firewall rule; an edited source list (allowlist) is corrected, everything else is never silently changed. */
export const ensureFirewall = (
  cluster: Cluster,
  rule: FirewallRule,
  after: After,
): CloudStep<Resources['firewalls']> => {
  const ref = { kind: 'firewalls', name: rule.name } as const;
  const allowed = Object.entries(rule.allowed).map(([IPProtocol, ports]) => ({ IPProtocol, ports: [...ports] }));
  const allow = Object.entries(rule.allowed).flatMap(([p, ports]) =>
    ports.length === 0 ? [p] : ports.map((port) => `${p}:${port}`),
  );
  const source =
    rule.sourceTags.length > 0
      ? `--source-tags=${rule.sourceTags.join(',')}`
      : `--source-ranges=${rule.sourceRanges.join(',')}`;
  return ensure({
    id: `firewall:${rule.name}`,
    title: rule.title,
    after,
    ref,
    owner: cluster,
    ...(rule.sourceRanges.includes(anywhere) ? { risk: 'endpoint' as const } : {}),
    expectedMs: 8000,
    timeoutMs: 300_000,
    detail: ruleWords(rule),
    gcloud: createLine(
      ref,
      `--network=${cluster.names.network} --allow=${allow.join(',')} ${source} --target-tags=${rule.targetTags.join(',')}`,
    ),
    body: () => ({
      name: rule.name,
      network: link(cluster.project, 'networks', {}, cluster.names.network),
      direction: 'INGRESS',
      allowed,
      sourceRanges: [...rule.sourceRanges],
      sourceTags: [...rule.sourceTags],
      targetTags: [...rule.targetTags],
      description: markerDescription(cluster),
    }),
    differs: (found) =>
      sameSet(found.sourceRanges, rule.sourceRanges)
        ? undefined
        : {
            detail: `sources ${found.sourceRanges.join(', ')} → ${rule.sourceRanges.join(', ')}`,
            patch: { sourceRanges: [...rule.sourceRanges] },
          },
  });
};

const sameSet = (left: readonly string[], right: readonly string[]): boolean =>
  left.length === right.length && left.every((x) => right.includes(x));
