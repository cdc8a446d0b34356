import { inFabric, ipIn } from './commands.ts';
import { fabricNamespace, holeName, routerIp, switchName } from './names.ts';

/** An address of a load balancer. */
export interface BalancedAddress {
  readonly ip: string;
  /** Primary addresses of the machines that get its new connections; without any, connections are dropped. */
  readonly members: readonly string[];
}

// First of the marks and routing tables, beyond those that the kernel has names for.
const firstMark = 1000;

/**
 * Passthrough load balancers like Compute Engine's: a new connection is assigned to a member and stays with it even if
 * members change; an unanswered SYN is assigned again. Packets keep their destination, for which each member's guest
 * agent has a local route. A connection's mark records its member, and each mark has a routing table.
 */
export class Balancer {
  private readonly marks = new Map<string, number>();
  private addresses = new Set<string>();
  private applied = '';

  /** Balances exactly these addresses. */
  async set(addresses: readonly BalancedAddress[]): Promise<void> {
    const known = JSON.stringify(addresses);
    if (known === this.applied) return;
    await this.mark(addresses.flatMap(({ members }) => members));
    const wanted = new Set(addresses.map(({ ip }) => ip));
    const gone = [...this.addresses].filter((ip) => !wanted.has(ip));
    // Routed to a black hole: drops what no member takes.
    const fresh = [...wanted].filter((ip) => !this.addresses.has(ip));
    await ipIn(fabricNamespace, [
      ...gone.map((ip) => `route del ${ip}/32`),
      ...fresh.map((ip) => `route replace ${ip}/32 dev ${holeName} src ${routerIp}`),
    ]);
    await inFabric('nft', ['-f', '-'], this.spread(addresses));
    this.addresses = wanted;
    this.applied = known;
  }

  private spread(addresses: readonly BalancedAddress[]): string {
    const lines = addresses.flatMap(({ ip, members }) => {
      const marks = members.map((member, i) => `${i} : ${this.marks.get(member)}`);
      const given = marks.length === 0 ? '0' : `numgen random mod ${marks.length} map { ${marks.join(', ')} }`;
      return [`ip daddr ${ip} ct state new ct mark set ${given}`, `ip daddr ${ip} meta mark set ct mark`];
    });
    return ['flush chain ip tzlab balance', ...lines.map((line) => `add rule ip tzlab balance ${line}`), ''].join('\n');
  }

  private async mark(members: readonly string[]): Promise<void> {
    const fresh = [...new Set(members)].filter((member) => !this.marks.has(member));
    for (const member of fresh) {
      const mark = firstMark + this.marks.size;
      this.marks.set(member, mark);
      await ipIn(fabricNamespace, [
        `route replace default via ${member} dev ${switchName} onlink table ${mark}`,
        `rule add fwmark ${mark} lookup ${mark} priority 100`,
      ]);
    }
  }
}
