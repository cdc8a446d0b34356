import type { GuestHost, GuestMachine } from '../../../src/emulator/guestRuntime.ts';
import { wallClock } from '../../../src/lib/clock.ts';
import type { BalancedAddress, Fabric, FabricFirewall } from '../machines/fabric.ts';
import { every } from './every.ts';
import type { RealGuests } from './guests.ts';
import type { CloudLists, FirewallRule } from './lists.ts';

/** How long a machine answers for a load balancer's address after it stops getting new connections: existing ones drain. */
const lingerMs = 10_000;
const everyMs = 300;

/** Applies the emulated cloud's state to the fabric: pod ranges, load balancers, firewalls, zones that are cut off. */
export class Reconciler {
  private readonly host: GuestHost;
  private readonly guests: RealGuests;
  private readonly lists: CloudLists;
  private readonly fabric: Fabric;
  private readonly ended = new AbortController();
  /** Until when a machine answers for a load balancer's address, by address and machine. */
  private readonly answers = new Map<string, Map<string, number>>();

  constructor(host: GuestHost, guests: RealGuests, lists: CloudLists, fabric: Fabric) {
    this.host = host;
    this.guests = guests;
    this.lists = lists;
    this.fabric = fabric;
  }

  /** Runs until `stop`; an error ends it. */
  run(): Promise<void> {
    return every(everyMs, this.ended.signal, () => this.round());
  }

  stop(): void {
    this.ended.abort();
  }

  /** Addresses whose traffic may still reach the machine. */
  readonly forwardedIps = (machine: GuestMachine): string[] => {
    const lingering = [...this.answers].flatMap(([address, until]) => {
      const at = until.get(machine.internalIp);
      return at !== undefined && at > wallClock.now() ? [address] : [];
    });
    return [...new Set([...machine.forwardedIps, ...lingering])].sort();
  };

  private async round(): Promise<void> {
    this.guests.listen();
    const machines = this.host.machines();
    const [health, firewalls] = await Promise.all([this.lists.health(), this.lists.firewalls()]);
    await this.fabric.setPodRanges(
      new Map(machines.flatMap((m) => m.aliasRanges.map((range): [string, string] => [range, m.internalIp]))),
    );
    const balanced = balancedAddresses(health);
    this.remember(balanced);
    await this.fabric.setBalanced(balanced);
    await this.fabric.setFirewalls(
      firewalls.filter((f) => f.direction === 'INGRESS' && !f.disabled).map((f) => inFabric(f, machines)),
    );
    const there = new Set(machines.map((m) => m.internalIp));
    await this.fabric.setCut(
      [...this.guests.guests.values()].filter((g) => g.machine.running && !there.has(g.ip)).map((g) => g.ip),
    );
  }

  private remember(balanced: readonly BalancedAddress[]): void {
    const until = wallClock.now() + lingerMs;
    for (const { ip, members } of balanced) {
      const known = this.answers.get(ip) ?? new Map<string, number>();
      for (const member of members) known.set(member, until);
      this.answers.set(ip, known);
    }
  }
}

/** New connections go to healthy machines; if none is healthy, to all of them (Google's documented behavior). */
export const balancedAddresses = (
  health: readonly { readonly address: string; readonly ip: string; readonly healthy: boolean }[],
): BalancedAddress[] =>
  [...Map.groupBy(health, (h) => h.address)].map(([ip, members]) => {
    const healthy = members.filter((m) => m.healthy);
    return { ip, members: [...new Set((healthy.length > 0 ? healthy : members).map((m) => m.ip))].sort() };
  });

const inFabric = (rule: FirewallRule, machines: readonly GuestMachine[]): FabricFirewall => {
  const tagged = (tags: readonly string[]): string[] =>
    machines.filter((m) => m.tags.some((tag) => tags.includes(tag))).map((m) => m.internalIp);
  const sourceIps = tagged(rule.sourceTags).map((ip) => `${ip}/32`);
  return {
    name: rule.name,
    priority: rule.priority,
    allow: rule.allowed !== undefined,
    protocols: (rule.allowed ?? rule.denied ?? []).map((p) => ({ protocol: p.IPProtocol, ports: p.ports })),
    sources: [...rule.sourceRanges, ...sourceIps],
    targets: rule.targetTags.length === 0 ? machines.map((m) => m.internalIp) : tagged(rule.targetTags),
  };
};
