import { contains, parseCidr } from '../../../src/model/cidr.ts';
import { macOf, routerIp, switchName } from './names.ts';

/** An ingress rule of the VPC's firewall. */
export interface FabricFirewall {
  readonly name: string;
  /** 0–65535; the lowest number wins; among equals, deny wins. */
  readonly priority: number;
  readonly allow: boolean;
  /** A protocol's name or number, or `all`; `ports` are numbers or ranges `A-B`; an empty list means all. */
  readonly protocols: readonly { readonly protocol: string; readonly ports: readonly string[] }[];
  /** CIDRs. */
  readonly sources: readonly string[];
  /** Primary addresses of the machines that it protects, including their pods and traffic from load balancers. */
  readonly targets: readonly string[];
}

/**
 * The fabric's initial table: nothing passes. Traffic from the router's own address is Google's own and is not
 * filtered; the router's other addresses represent the outside world and are.
 */
export const emptyTable = `table ip tzlab
delete table ip tzlab
table ip tzlab {
  set cut { type ipv4_addr; }
  set cut_cards { type ether_addr; }
  chain from_cut {
    type filter hook prerouting priority raw; policy accept;
    iifname ${switchName} ether saddr @cut_cards drop
  }
  chain to_cut {
    type filter hook postrouting priority filter; policy accept;
    rt ip nexthop @cut drop
  }
  chain balance {
  }
  chain balance_forwarded {
    type filter hook prerouting priority mangle; policy accept;
    jump balance
  }
  chain balance_own {
    type route hook output priority mangle; policy accept;
    jump balance
  }
  chain ingress {
  }
  chain guard {
    ct state established,related accept
    jump ingress
    drop
  }
  chain forward {
    type filter hook forward priority filter; policy drop;
    oifname ${switchName} jump guard
  }
  chain output {
    type filter hook output priority filter; policy accept;
    oifname ${switchName} ip saddr != ${routerIp} jump guard
  }
}
`;

/**
 * VPC firewall rules as nftables (https://docs.cloud.google.com/firewall/docs/firewalls):
 * stateful, default deny. A machine is identified by the next hop of the packet's route,
 * because destinations may also be addresses of pods or load balancers.
 */
export const ingressText = (rules: readonly FabricFirewall[]): string =>
  [
    'flush chain ip tzlab ingress',
    ...rules
      .toSorted((a, b) => a.priority - b.priority || Number(a.allow) - Number(b.allow))
      .flatMap(lines)
      .map((line) => `add rule ip tzlab ingress ${line}`),
    '',
  ].join('\n');

const lines = (rule: FabricFirewall): string[] => {
  const sources = widest(rule.sources);
  if (sources.length === 0 || rule.targets.length === 0) return [];
  const everybody = sources.some((source) => source.endsWith('/0'));
  const who = [`rt ip nexthop { ${rule.targets.join(', ')} }`, everybody ? '' : `ip saddr { ${sources.join(', ')} }`];
  return matches(rule).map((what) => [...who, what, rule.allow ? 'accept' : 'drop'].filter(Boolean).join(' '));
};

const matches = (rule: FabricFirewall): string[] =>
  rule.protocols.flatMap(({ protocol, ports }) => {
    if (protocol === 'all') return [''];
    if (ports.length === 0) return [`ip protocol ${protocol === 'ipip' ? 4 : protocol}`];
    return ports.map((port) => `${protocol} dport ${port}`);
  });

// Elements of an nftables set must not overlap.
const widest = (sources: readonly string[]): string[] => {
  const ranges = [...new Set(sources)].map((text) => ({ text, cidr: parseCidr(text) }));
  return ranges
    .filter((a) => !ranges.some((b) => b.text !== a.text && contains(b.cidr, a.cidr)))
    .map(({ text }) => text);
};

/** Rules that drop all traffic to and from exactly these machines. */
export const cutText = (ips: readonly string[]): string =>
  [
    'flush set ip tzlab cut',
    'flush set ip tzlab cut_cards',
    ...(ips.length === 0
      ? []
      : [
          `add element ip tzlab cut { ${ips.join(', ')} }`,
          `add element ip tzlab cut_cards { ${ips.map(macOf).join(', ')} }`,
        ]),
    '',
  ].join('\n');
