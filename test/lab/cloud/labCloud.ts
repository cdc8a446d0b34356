import { mkdirSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import type { ChildProcess } from 'node:child_process';
import { Resolver } from 'node:dns/promises';
import { join } from 'node:path';
import type { Server } from 'node:net';
import { announce, keptSecret } from '../../../src/emulator/announce.ts';
import { createEmulator, type Emulator } from '../../../src/emulator/emulator.ts';
import { issue } from '../../../src/emulator/guest/certificates.ts';
import type { GuestHost } from '../../../src/emulator/guestRuntime.ts';
import { flatLatency } from '../../../src/emulator/latency.ts';
import { wallClock } from '../../../src/lib/clock.ts';
import { systemIds } from '../../../src/lib/ids.ts';
import { names } from '../../../src/model/names.ts';
import type { LabBuild } from '../build/build.ts';
import { serveRegistry } from '../build/registry.ts';
import { end, serve } from '../build/server.ts';
import type { Fabric } from '../machines/fabric.ts';
import type { Machine } from '../machines/machine.ts';
import { routerIp } from '../machines/names.ts';
import { Broken } from './broken.ts';
import { RealGuests } from './guests.ts';
import { googleFront, MachineTokens } from './googleFront.ts';
import { CloudLists } from './lists.ts';
import { metadataServer } from './metadataServer.ts';
import { NodeController } from './nodeController.ts';
import { outside, outsideServer } from './outside.ts';
import { Reconciler } from './reconciler.ts';

/** Operations of the cloud itself take a second: the lab is about the machines. */
const latency = flatLatency(1);

/** The emulator with real machines, and Google's surrounding services. Must be created inside the fabric's namespace. */
export class LabCloud {
  readonly broken = new Broken();
  /** Folder of Kubernetes' programs, as on the machines. */
  readonly bin: string;
  private readonly emulator: Emulator;
  private readonly guests: RealGuests;
  private readonly lists: CloudLists;
  private readonly reconciler: Reconciler;
  private readonly nodes: NodeController;
  private readonly servers: Server[];
  private readonly programs: ChildProcess[] = [];
  private readonly loops: Promise<void>[];
  private failure: unknown;

  static async start(build: LabBuild, fabric: Fabric, state: string): Promise<LabCloud> {
    const cloud = new LabCloud(build, fabric, state);
    const { port, endpoint } = await cloud.emulator.listen();
    announce({
      ...{ pid: process.pid, port, endpoint, project: cloud.emulator.project, state, timeScale: 1 },
      startedAt: wallClock.now(),
    });
    const { bin, registry, registryImages } = build;
    const log = join(state, 'registry.log');
    cloud.servers.push(await outsideServer());
    cloud.programs.push(await nameServer(bin, state));
    cloud.programs.push(await serveRegistry(join(bin, 'crane'), registry, registryImages, `${routerIp}:5000`, log));
    for (const server of cloud.servers) if (!server.listening) await once(server, 'listening');
    return cloud;
  }

  private constructor(build: LabBuild, fabric: Fabric, state: string) {
    this.bin = build.bin;
    mkdirSync(state, { recursive: true, mode: 0o700 });
    const authority = issue(systemIds, { commonName: 'lab', hours: 48, use: 'authority' });
    const made: { host?: GuestHost; guests?: RealGuests } = {};
    const failed = (error: unknown): void => this.fail(error);
    const { broken } = this;
    this.emulator = createEmulator({
      clock: wallClock,
      ids: systemIds,
      project: 'trizone-lab', // the startup script accepts no shorter name than Google allows
      timeScale: 1,
      latency,
      secret: keptSecret(state),
      guests: (host) => {
        made.host = host;
        made.guests = new RealGuests({ host, build, state, ca: authority.certificate, broken, failed });
        return made.guests;
      },
    });
    const { host, guests } = made;
    if (host === undefined || guests === undefined) throw new Error('The emulator asked for no machines');
    this.guests = guests;
    this.lists = new CloudLists(this.emulator);
    this.reconciler = new Reconciler(host, guests, this.lists, fabric);
    this.nodes = new NodeController(host, this.lists, names('kubernetes').secrets.admin);
    const tokens = new MachineTokens(systemIds);
    const { forwardedIps } = this.reconciler;
    this.servers = [
      metadataServer({ host, forwardedIps, token: (key) => tokens.of(key) }).listen(80, routerIp),
      googleFront({ emulator: this.emulator, host, tokens, ids: systemIds, authority, broken }).listen(443, routerIp),
    ];
    this.loops = [this.reconciler.run(), this.nodes.run()];
    for (const loop of this.loops) loop.catch(failed);
  }

  /** The Linux machine behind an instance. */
  machine(zone: string, name: string): Machine {
    const guest = this.guests.guests.get(`${zone}/${name}`);
    if (guest === undefined) throw new Error(`No machine ${name} in ${zone}`);
    return guest.machine;
  }

  /** Adds a version to a secret from outside; false if the secret does not exist yet. */
  addSecretVersion(id: string, text: string): Promise<boolean> {
    return this.lists.addSecretVersion(id, text);
  }

  /** Whether an instance exists and its system runs. */
  runs(zone: string, name: string): boolean {
    return this.guests.guests.get(`${zone}/${name}`)?.machine.running ?? false;
  }

  /** Cuts an instance's power and restores it at once. */
  powerCut(zone: string, name: string): Promise<void> {
    return this.lists.reset(zone, name);
  }

  /** Throws if the lab itself has failed: a scenario that continued would only report the consequences. */
  check(): void {
    if (this.failure !== undefined) throw new Error('The lab itself failed', { cause: this.failure });
  }

  async close(): Promise<void> {
    this.reconciler.stop();
    this.nodes.stop();
    await Promise.allSettled(this.loops);
    await this.guests.settled();
    for (const program of this.programs) await end(program);
    for (const server of this.servers) server.close();
    await this.emulator.close();
  }

  private fail(error: unknown): void {
    this.failure ??= error;
    console.error(error);
  }
}

// Google's resolver answers for the machines and the world; here the world is one name.
const nameServer = (bin: string, state: string): Promise<ChildProcess> => {
  const file = join(state, 'Corefile');
  writeFileSync(file, corefile);
  const resolver = new Resolver();
  resolver.setServers([routerIp]);
  return serve(join(bin, 'coredns'), ['-conf', file], join(state, 'nameServer.log'), () =>
    resolver.resolve4(outside.name),
  );
};

const corefile = `.:53 {
  hosts {
    ${outside.ip} ${outside.name}
    fallthrough
  }
  errors
}
`;
