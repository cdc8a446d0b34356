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
 * The VPC: a router in a network namespace with a switch that all machines are plugged into. What is wanted is told whole each
 * time; what is so already is not done again.
 */
export class Fabric {
  private podRanges: ReadonlyMap<string, string> = new Map();
  private readonly balancer = new Balancer();
  private firewalls = '';
  private cut = '';

  /** Makes the fabric, or empties the rules of the one that is there. Also raises limits of this computer (inotify). */
  static async create(): Promise<Fabric> {
    raise('/proc/sys/fs/inotify/max_user_instances', 8192); // 128 do not do for several kubelets
    raise('/proc/sys/fs/inotify/max_user_watches', 1_048_576);
    for (const name of [deadNamespace, fabricNamespace]) {
      if (!existsSync(`/run/netns/${name}`)) await run('ip', ['netns', 'add', name]);
    }
    await router();
    await inFabric('nft', ['-f', '-'], emptyTable);
    return new Fabric();
  }

  /** Routes of pod ranges (alias IP ranges of machines): range → primary address of its machine. */
  async setPodRanges(routes: ReadonlyMap<string, string>): Promise<void> {
    const gone = [...this.podRanges.keys()].filter((range) => !routes.has(range));
    const changed = [...routes].filter(([range, ip]) => this.podRanges.get(range) !== ip);
    await ipIn(fabricNamespace, [
      ...gone.map((range) => `route del ${range}`),
      ...changed.map(([range, ip]) => `route replace ${range} via ${ip} dev ${switchName} onlink`),
    ]);
    this.podRanges = new Map(routes);
  }

  /** Load balancers' addresses and who takes their traffic. */
  setBalanced(addresses: readonly BalancedAddress[]): Promise<void> {
    return this.balancer.set(addresses);
  }

  /** Ingress rules of the VPC; without any, machines reach nobody but the router. Connections that are there go on. */
  async setFirewalls(rules: readonly FabricFirewall[]): Promise<void> {
    const text = ingressText(rules);
    if (text === this.firewalls) return;
    await inFabric('nft', ['-f', '-'], text);
    this.firewalls = text;
  }

  /** Machines of zones that are cut off: nothing passes to or from them, not even in connections that are there. */
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

// A switch where nothing is plugged in counts as broken; so something that never answers always is.
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

// Of the fabric's namespace only. A switch's frames are no matter of iptables.
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
