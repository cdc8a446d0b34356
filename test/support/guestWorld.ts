import { createServer, type AddressInfo, type Server } from 'node:net';
import type { BootConfig, Role } from '../../src/boot/config.ts';
import { bootMetadata } from '../../src/boot/metadata.ts';
import type {
  CloudMade,
  DocumentScope,
  GuestHost,
  GuestMachine,
  GuestRuntime,
} from '../../src/emulator/guestRuntime.ts';
import { simulatedGuests } from '../../src/emulator/guest/simulated.ts';
import { seededIds, type Ids } from '../../src/lib/ids.ts';
import { OperatorError } from '../../src/lib/operatorError.ts';
import { VirtualClock } from '../../src/lib/virtualClock.ts';
import { versionsFor } from '../../src/model/versions.ts';

/** A boot configuration as the workflows write it. */
export const bootConfigFor = (role: Role, more: Partial<BootConfig> = {}): BootConfig => ({
  trizone: 1,
  role,
  cluster: 'kubernetes',
  uid: 'u1d2',
  project: 'demo-project',
  region: 'europe-west1',
  versions: versionsFor('1.37.2'),
  podCidr: '10.64.0.0/14',
  serviceCidr: '10.0.32.0/20',
  internalIp: '10.10.0.10',
  externalIp: '34.76.1.9',
  network: 'kubernetes-net',
  subnetwork: 'kubernetes-subnet',
  secrets: { pki: 'kubernetes-pki', join: 'kubernetes-join', admin: 'kubernetes-admin' },
  ...(role === 'node' ? { pool: 'group' } : { ownIp: '10.10.0.11' }),
  ...more,
});

interface Vm {
  machine: GuestMachine;
  running: boolean;
  metadata: Record<string, string>;
}

interface Timer {
  readonly key: string;
  readonly bootId: string;
  readonly type: string;
  readonly payload: unknown;
}

/**
 * The part of a cloud that guests see, in memory: machines, disks, secrets, timers on a virtual clock, and a
 * passthrough load balancer with the hairpin rule. Guests use the same interface in the emulator.
 */
export class GuestWorld implements GuestHost {
  readonly clock = new VirtualClock();
  readonly ids: Ids;
  readonly runtime: GuestRuntime;
  /** Masters behind the load balancer, by key. */
  readonly group = new Set<string>();
  readonly secrets = new Map<string, string[]>([
    ['kubernetes-pki', []],
    ['kubernetes-join', []],
    ['kubernetes-admin', []],
  ]);
  /** Resources created by the controllers, by path. */
  readonly cloud = new Map<string, Readonly<Record<string, unknown>>>();
  /** Secrets that can be neither read nor written. */
  readonly denied = new Set<string>();
  private readonly vms = new Map<string, Vm>();
  private readonly documents = new Map<string, string>();
  private readonly attributes = new Map<string, string>();
  private readonly consoles = new Map<string, string>();
  private count = 0;
  private looks = 0;

  constructor(seed: string) {
    this.ids = seededIds(seed);
    this.runtime = simulatedGuests(this);
  }

  /** Grows at every access: values derived from this world are never cached. */
  get revision(): number {
    return this.looks++;
  }

  /** Creates and starts a machine; masters get their persistent disk, which outlives them. */
  start(name: string, zone: string, metadata: Record<string, string>, role?: Role): string {
    const key = `${zone}/${name}`;
    const n = ++this.count;
    const disks = role === undefined || role === 'node' ? [] : [this.disk(name, zone)];
    const machine: GuestMachine = {
      key,
      name,
      zone,
      region: zone.slice(0, -2),
      id: `10000${n}`,
      project: 'demo-project',
      internalIp: `10.10.0.${10 + n}`,
      externalIp: `34.76.2.${n}`,
      aliasRanges: [`10.64.${n}.0/24`],
      forwardedIps: [],
      labels: {},
      tags: [],
      disks,
      bootId: '',
      startedAt: 0,
    };
    this.vms.set(key, { machine, running: false, metadata });
    this.powerOn(key);
    return key;
  }

  powerOn(key: string): void {
    const vm = this.vm(key);
    vm.machine = { ...vm.machine, bootId: `boot-${++this.count}`, startedAt: this.clock.now() };
    vm.running = true;
    this.runtime.boot(vm.machine);
  }

  powerOff(key: string): void {
    this.vm(key).running = false;
    this.runtime.halt(key, 'stop');
  }

  remove(key: string): void {
    this.vm(key).running = false;
    this.runtime.halt(key, 'delete');
    this.vms.delete(key);
    for (const name of [...this.documents.keys()]) if (name.startsWith(`machine ${key} `)) this.documents.delete(name);
  }

  /** A first master behind the load balancer, and optionally nodes; waits until everything is quiet. */
  async cluster(nodes: readonly string[] = []): Promise<void> {
    this.group.add('europe-west1-b/kubernetes-master');
    this.startRole('kubernetes-master', 'europe-west1-b', 'first');
    for (const [i, zone] of nodes.entries()) this.startRole(`kubernetes-minion-group-${i}abc`, zone, 'node');
    await this.settled();
  }

  startRole(name: string, zone: string, role: Role): string {
    return this.start(name, zone, bootMetadata(bootConfigFor(role)), role);
  }

  /** No faults are injected here. */
  fault(): undefined {
    return undefined;
  }

  /** Waits until no machine has anything left to do. */
  async settled(): Promise<void> {
    while (this.clock.pending > 0) await this.clock.sleep(1000);
  }

  attribute(key: string, name: string): string | undefined {
    return this.attributes.get(`${key} trizone ${name}`);
  }

  console(key: string): string {
    return this.consoles.get(key) ?? '';
  }

  latest(secretId: string): string {
    return this.secrets.get(secretId)?.at(-1) ?? '';
  }

  /** A loopback port whose connections go to the machine selected by the load balancer. */
  async front(): Promise<{ port: number; server: Server }> {
    const server = createServer((socket) => {
      const key = this.dial('', bootConfigFor('node').externalIp);
      if (key === undefined || !this.runtime.connect(key, 443, socket)) socket.destroy();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return { port: (server.address() as AddressInfo).port, server };
  }

  instance(key: string): GuestMachine | undefined {
    return this.vms.get(key)?.machine;
  }

  machines(): GuestMachine[] {
    return [...this.vms.values()].filter((vm) => vm.running).map((vm) => vm.machine);
  }

  metadata(key: string): Record<string, string> {
    return this.vm(key).metadata;
  }

  setGuestAttribute(key: string, namespace: string, name: string, value: string): void {
    this.attributes.set(`${key} ${namespace} ${name}`, value);
  }

  serial(key: string, text: string): void {
    this.consoles.set(key, this.console(key) + text);
  }

  secretPayload(_key: string, secretId: string): string | undefined {
    return this.versions(secretId).at(-1);
  }

  addSecretVersion(_key: string, secretId: string, payload: string): void {
    this.versions(secretId).push(payload);
  }

  destroyOldVersions(_key: string, secretId: string, keep: number): void {
    const versions = this.versions(secretId);
    versions.splice(0, Math.max(0, versions.length - keep));
  }

  dial(fromKey: string, ip: string): string | undefined {
    if (this.group.has(fromKey)) return fromKey; // hairpin
    if (ip !== bootConfigFor('node').internalIp && ip !== bootConfigFor('node').externalIp) return undefined;
    const members = [...this.group].filter((key) => this.vms.get(key)?.running);
    const healthy = members.filter((key) => this.runtime.probe(key, { type: 'HTTPS', port: 443, path: '/readyz' }));
    return (healthy.length > 0 ? healthy : members)[0];
  }

  load(scope: DocumentScope, name: string): unknown {
    const text = this.documents.get(`${scopeName(scope)} ${name}`);
    return text === undefined ? undefined : JSON.parse(text);
  }

  save(scope: DocumentScope, name: string, value: unknown): void {
    if (value === undefined) this.documents.delete(`${scopeName(scope)} ${name}`);
    else this.documents.set(`${scopeName(scope)} ${name}`, JSON.stringify(value));
  }

  /** Compute Engine for the controllers: operations complete at once. */
  readonly made: CloudMade = {
    state: (path) => this.cloud.get(path) ?? 'absent',
    insert: (master, path, body) => {
      this.cloud.set(path, { ...body, IPAddress: `34.77.0.${this.cloud.size}` });
      this.schedule(master, 1000, 'look', {});
    },
    remove: (master, path) => {
      this.cloud.delete(path);
      this.schedule(master, 1000, 'look', {});
    },
    setMembers: (pool, machines) => this.cloud.set(pool, { ...this.cloud.get(pool), members: machines }),
    attach: (disk, machine) => this.cloud.set(disk, { ...this.cloud.get(disk), user: machine }),
    networkOf: () => 'global/networks/kubernetes-net',
  };

  schedule(key: string, afterMs: number, type: string, payload: unknown): void {
    void this.deliver(afterMs, { key, bootId: this.vm(key).machine.bootId, type, payload });
  }

  private async deliver(afterMs: number, timer: Timer): Promise<void> {
    await this.clock.sleep(afterMs);
    const vm = this.vms.get(timer.key);
    if (vm?.running && vm.machine.bootId === timer.bootId) this.runtime.onEvent(timer.key, timer.type, timer.payload);
  }

  private disk(name: string, zone: string) {
    return { deviceName: 'master-pd', name: `${name}-pd`, zone, url: `zones/${zone}/disks/${name}-pd`, boot: false };
  }

  private versions(secretId: string): string[] {
    const versions = this.secrets.get(secretId);
    if (versions === undefined) throw new OperatorError('not-found', `Secret not found: ${secretId}`);
    if (this.denied.has(secretId)) throw new OperatorError('permission', `Permission denied on secret: ${secretId}`);
    return versions;
  }

  private vm(key: string): Vm {
    const vm = this.vms.get(key);
    if (vm === undefined) throw new OperatorError('internal', `No such machine: ${key}`);
    return vm;
  }
}

const scopeName = (scope: DocumentScope): string =>
  'disk' in scope ? `disk ${scope.disk}` : `machine ${scope.machine}`;
