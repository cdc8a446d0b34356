import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { Balancer, type BalancedAddress } from './balancer.ts';
import { inFabric, ipIn, run } from './commands.ts';
import { cutText, emptyTable, type FabricFirewall, ingressText } from './firewall.ts';
import {
  deadNamespace,
  fabricNamespace,
  machineName,
  holeName,
  macOf,
  portName,
  routerIp,
  switchName,
} from './names.ts';

export type { BalancedAddress } from './balancer.ts';
export type { FabricFirewall } from './firewall.ts';

/**
 * The VPC: a router in a network namespace with a switch that all machines are plugged into. Each setter takes the
 * complete wanted state and applies only the differences.
 */
export class Fabric {
  private podRanges: ReadonlyMap<string, string> = new Map();
  private readonly balancer = new Balancer();
  private firewalls = '';
  private cut = '';

  /** Creates the fabric, or clears the rules of an existing one. Also raises limits of this computer (inotify). */
  static async create(): Promise<Fabric> {
    raise('/proc/sys/fs/inotify/max_user_instances', 8192); // 128 is not enough for several kubelets
    raise('/proc/sys/fs/inotify/max_user_watches', 1_048_576);
    for (const name of [deadNamespace, fabricNamespace]) {
      if (!existsSync(`/run/netns/${name}`)) await run('ip', ['netns', 'add', name]);
    }
    await router();
    await inFabric('nft', ['-f', '-'], emptyTable);
    return new Fabric();
  }

  /** Routes of pod ranges (machines' alias IP ranges): range → primary address of its machine. */
  async setPodRanges(routes: ReadonlyMap<string, string>): Promise<void> {
    const gone = [...this.podRanges.keys()].filter((range) => !routes.has(range));
    const changed = [...routes].filter(([range, ip]) => this.podRanges.get(range) !== ip);
    await ipIn(fabricNamespace, [
      ...gone.map((range) => `route del ${range}`),
      ...changed.map(([range, ip]) => `route replace ${range} via ${ip} dev ${switchName} onlink`),
    ]);
    this.podRanges = new Map(routes);
  }

  /** Load balancers' addresses and the members that take their traffic. */
  setBalanced(addresses: readonly BalancedAddress[]): Promise<void> {
    return this.balancer.set(addresses);
  }

  /** Ingress rules of the VPC; without any, machines reach only the router. Existing connections continue. */
  async setFirewalls(rules: readonly FabricFirewall[]): Promise<void> {
    const text = ingressText(rules);
    if (text === this.firewalls) return;
    await inFabric('nft', ['-f', '-'], text);
    this.firewalls = text;
  }

  /** Machines in isolated zones: all traffic to and from them is dropped, even of existing connections. */
  async setCut(ips: readonly string[]): Promise<void> {
    const text = cutText(ips);
    if (text === this.cut) return;
    await inFabric('nft', ['-f', '-'], text);
    this.cut = text;
  }
}

const router = async (): Promise<void> => {
  if (!(await hasSwitch())) await makeSwitch();
  await ipIn(fabricNamespace, ['link set lo up', `addr replace ${routerIp}/32 dev lo`]);
  await inFabric('sysctl', ['-qw', ...parameters]);
};

// A switch without ports counts as down; hence one port that never answers is always plugged in.
const makeSwitch = async (): Promise<void> => {
  const [port, card] = [portName(0), machineName(0)];
  await ipIn(fabricNamespace, [
    `link add ${switchName} address ${macOf(routerIp)} type bridge mcast_snooping 0`,
    `link set ${switchName} up`,
    `link add ${port} type veth peer name ${card} netns ${deadNamespace}`,
    `link set ${port} master ${switchName} up`,
    `link add ${holeName} type veth peer name ${holeName} netns ${deadNamespace}`,
    `link set ${holeName} arp off up`,
  ]);
  await ipIn(deadNamespace, [`link set ${card} up`, `link set ${holeName} up`]);
};

const hasSwitch = async (): Promise<boolean> => (await inFabric('cat', ['/proc/net/dev'])).includes(`${switchName}:`);

// Only in the fabric's namespace. iptables does not see a switch's frames.
const parameters = [
  'net.ipv4.ip_forward=1',
  'net.ipv4.conf.all.send_redirects=0',
  'net.ipv4.conf.default.send_redirects=0',
  `net.ipv4.conf.${switchName}.send_redirects=0`,
  'net.ipv4.conf.all.rp_filter=0',
  'net.ipv4.conf.default.rp_filter=0',
  `net.ipv4.conf.${switchName}.rp_filter=0`,
  'net.netfilter.nf_conntrack_tcp_be_liberal=1',
];

const raise = (file: string, least: number): void => {
  if (Number(readFileSync(file, 'utf8')) < least) writeFileSync(file, `${least}`);
};
