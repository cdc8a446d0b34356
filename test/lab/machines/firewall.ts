import { contains, parseCidr } from '../../../src/model/cidr.ts';
import { macOf, routerIp, switchName } from './names.ts';

/** An ingress rule of the VPC's firewall. */
export interface FabricFirewall {
  readonly name: string;
  /** 0–65535; the lowest number decides, and of equals the denying one. */
  readonly priority: number;
  readonly allow: boolean;
  /** A protocol's name or number, or `all`; `ports` are numbers or ranges `A-B`, none for all. */
  readonly protocols: readonly { readonly protocol: string; readonly ports: readonly string[] }[];
  /** CIDRs. */
  readonly sources: readonly string[];
  /** Primary addresses of the machines that it protects: with them their pods and what load balancers send them. */
  readonly targets: readonly string[];
}

/**
 * The fabric's table at the beginning: nothing passes. What comes from the router's own address is Google's own and is
 * not asked; other addresses of the router play the world outside and are.
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
 * VPC firewall rules as nftables (https://docs.cloud.google.com/firewall/docs/firewalls): stateful, default deny. A machine is
 * known by the next hop of the packet's route, because destinations may also be pods' or load balancers' addresses.
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

// Elements of a set of nftables may not overlap.
const widest = (sources: readonly string[]): string[] => {
  const ranges = [...new Set(sources)].map((text) => ({ text, cidr: parseCidr(text) }));
  return ranges
    .filter((a) => !ranges.some((b) => b.text !== a.text && contains(b.cidr, a.cidr)))
    .map(({ text }) => text);
};

/** What makes exactly these machines unreachable and mute. */
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
