import type { Duplex } from 'node:stream';
import { randomBelow } from '../../lib/ids.ts';
import { OperatorError } from '../../lib/operatorError.ts';
import { ClusterApi } from '../kubernetes/clusterApi.ts';
import { ClusterStore } from '../kubernetes/clusterStore.ts';
import type { GuestCheck, GuestHost, GuestMachine, GuestRuntime, HaltReason } from '../guestRuntime.ts';
import { beginStep, endStep, type WalkAt } from './bootWalk.ts';
import { printKernel, printLogin, printScript } from './console.ts';
import { hasJoined, isUp, loadMachine, saveMachine, type MachineDocument } from './documents.ts';
import { applyEffect } from './effects.ts';
import { lookAfterGrace, startKubelet } from './joining.ts';
import { configOf, type Guest } from './machine.ts';

/** From RUNNING until the startup script runs, in milliseconds of cluster time. */
export const kernelMs = 8_000;
/** From RUNNING until kubelet has started the static pods of a machine that has joined. */
const kubeletMs = 12_000;

/**
 * Guests simulated in TypeScript: machines of a Trizone cluster walk the step list that the startup script is rendered
 * from, keep an etcd model, and serve a Kubernetes API; any other machine boots and does nothing.
 */
export const simulatedGuests = (host: GuestHost): GuestRuntime => new SimulatedGuests(host);

class SimulatedGuests implements GuestRuntime {
  private readonly host: GuestHost;
  private readonly store: ClusterStore;
  private readonly api: ClusterApi;

  constructor(host: GuestHost) {
    this.host = host;
    this.store = new ClusterStore(host);
    this.api = new ClusterApi(host, this.store);
  }

  boot(machine: GuestMachine): void {
    if (this.host.fault(machine.key, 'boot') !== undefined) return;
    printKernel(this.host, machine);
    const config = configOf(this.host, machine.key);
    if (config === undefined) {
      printLogin(this.host, machine);
      return;
    }
    const before = loadMachine(this.host, machine.key);
    const kept: Partial<MachineDocument> = before?.instanceId === machine.id ? before : {};
    saveMachine(this.host, machine.key, { ...kept, instanceId: machine.id, role: config.role, uid: config.uid });
    this.host.schedule(machine.key, kernelMs, 'script', {});
    if (kept.installed === true && hasJoined(this.host, machine)) {
      this.host.schedule(machine.key, kubeletMs + randomBelow(this.host.ids, 4000), 'kubelet', {});
    }
  }

  halt(key: string, how: HaltReason): void {
    this.api.drop(key);
    const document = loadMachine(this.host, key);
    if (document === undefined) return;
    const { up } = document;
    saveMachine(this.host, key, how === 'delete' ? undefined : { ...document, up: undefined });
    if (up !== undefined) this.othersNotice(document.uid);
  }

  onEvent(key: string, type: string, payload: unknown): void {
    const guest = this.guest(key);
    if (guest === undefined) return;
    if (type === 'script') beginStep(guest, 0);
    if (type === 'step') endStep(guest, payload as WalkAt);
    // On a machine that has joined, systemd starts kubelet, whatever the startup script is doing.
    if (type === 'kubelet') startKubelet(guest);
    if (type === 'look') this.look(guest.config.uid);
  }

  probe(key: string, check: GuestCheck): boolean {
    const machine = this.host.instance(key);
    if (machine === undefined) return false;
    if (check.port === 22) return check.type === 'TCP';
    if (this.host.fault(key, 'probe') !== undefined) return false;
    if (check.port === 443)
      return (
        this.api.answers(machine) && (check.type === 'TCP' || check.path === '/livez' || this.api.isReady(machine))
      );
    // kube-proxy's health port, which target pools probe.
    return check.port === 10256 && isUp(this.host, machine);
  }

  connect(key: string, port: number, socket: Duplex): boolean {
    const guest = port === 443 ? this.guest(key) : undefined;
    if (guest === undefined || !this.api.answers(guest.machine)) return false;
    this.renew(guest);
    this.api.connect(guest.machine, socket);
    return true;
  }

  restore(machines: readonly GuestMachine[]): void {
    for (const machine of machines) {
      const guest = this.guest(machine.key);
      if (guest !== undefined && this.api.answers(machine)) this.renew(guest);
    }
  }

  close(): void {
    this.api.close();
  }

  private guest(key: string): Guest | undefined {
    const machine = this.host.instance(key);
    const config = machine === undefined ? undefined : configOf(this.host, key);
    return machine === undefined || config === undefined
      ? undefined
      : { host: this.host, store: this.store, machine, config };
  }

  private othersNotice(uid: string): void {
    this.look(uid);
    for (const master of this.store.view(uid)?.running.values() ?? []) lookAfterGrace({ host: this.host }, master.key);
  }

  private look(uid: string): void {
    this.store.refresh(uid);
    // Passing time changes what clients see, as writes by kubelets and
    // controllers would: the resource version must grow with it.
    this.store.write(uid, () => ({}));
  }

  // The masters' timer renews credentials hourly; the emulator does it on access, so that an idle cluster causes no
  // events. Cluster time runs faster than wall time, which certificates use, so an hourly event would be meaningless.
  private renew(guest: Guest): void {
    if (!hasJoined(this.host, guest.machine)) return;
    try {
      applyEffect('publish', guest);
    } catch (error) {
      if (!OperatorError.is(error, 'boot-failed')) throw error;
      printScript(this.host, guest.machine, `TRIZONE warning=credentials-not-renewed reason="${error.message}"`);
    }
  }
}
