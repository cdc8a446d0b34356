import { isUp, loadFromDisk, loadMachine, masterDisk, saveOnDisk } from '../guest/documents.ts';
import type { GuestHost, GuestMachine } from '../guestRuntime.ts';
import type { ClusterData, ClusterView, EtcdCopy } from './clusterState.ts';
import { reconciled } from './controllers/reconcile.ts';
import { nodeTimes } from './nodeLife.ts';
import { podTimes } from './podLife.ts';
import { appended, elect, hasQuorum, published, type SimulatedEtcd, type Standpoint } from './etcd.ts';

const keptVersions = 500;

/** A change of membership, of the stored objects, or of both. */
export type ClusterChange = (view: ClusterView) => { readonly etcd?: SimulatedEtcd; readonly data?: ClusterData };

/**
 * The simulated etcd of all clusters. Every member's copy is on its master's persistent disk; a
 * write goes to all running members and needs their quorum, so a master that was off finds the
 * newer copy on its return, and a lost majority stops writes as in a real cluster.
 */
export class ClusterStore {
  private readonly host: GuestHost;
  private readonly watchers = new Set<(uid: string) => void>();
  private readonly views = new Map<string, { readonly revision: number; readonly view: ClusterView | undefined }>();
  private readonly past = new Map<string, Map<number, ClusterData>>();

  constructor(host: GuestHost) {
    this.host = host;
  }

  /** The cluster as its running members know it; undefined if none runs. Computed once per revision of the host. */
  view(uid: string): ClusterView | undefined {
    const { revision } = this.host;
    const known = this.views.get(uid);
    if (known?.revision === revision) return known.view;
    const view = this.derive(uid);
    this.views.set(uid, { revision, view });
    return view;
  }

  private derive(uid: string): ClusterView | undefined {
    const copies = this.copies(uid);
    const newest = copies.map((c) => c.copy).sort((a, b) => b.etcd.index - a.etcd.index)[0];
    if (newest === undefined) return undefined;
    const members = new Set(newest.etcd.members.map((m) => m.id));
    // A member that was removed while it was off does not count, whatever its own disk says.
    const running = new Map(copies.filter((c) => members.has(c.copy.self)).map((c) => [c.copy.self, c.machine]));
    const up = new Map([...running].map(([id, machine]) => [id, loadMachine(this.host, machine.key)?.upAt ?? 0]));
    const quorum = hasQuorum(newest.etcd, up);
    return { etcd: quorum ? elect(newest.etcd, up) : newest.etcd, data: newest.data, running, up, quorum };
  }

  /** The cluster as seen by one master's API server; undefined if it is no longer a member. */
  viewFrom(machine: GuestMachine): ClusterView | undefined {
    const disk = masterDisk(machine);
    const copy = disk === undefined ? undefined : loadFromDisk(this.host, disk, 'etcd');
    const view = copy === undefined ? undefined : this.view(copy.data.uid);
    return copy !== undefined && view?.running.has(copy.self) ? view : undefined;
  }

  /**
   * The data stored at an earlier version; undefined if it is too old (etcd compacts its history; this one keeps 500
   * writes) or from before the emulator's last start.
   */
  at(uid: string, index: number): ClusterData | undefined {
    return this.past.get(uid)?.get(index);
  }

  /** Applies a change if there is quorum; returns whether it did. */
  write(uid: string, change: ClusterChange): boolean {
    const view = this.view(uid);
    if (!view?.quorum) return false;
    const changed = change(view);
    const etcd = appended(changed.etcd ?? view.etcd, view.up);
    const data = changed.data ?? view.data;
    const members = new Set(etcd.members.map((m) => m.id));
    for (const [self, machine] of view.running) {
      const disk = masterDisk(machine);
      if (disk === undefined || !members.has(self)) continue;
      saveOnDisk(this.host, disk, 'etcd', { self, etcd, data });
    }
    this.remember(uid, etcd.index, data);
    this.notify(uid);
    return true;
  }

  /** Runs the simulated controllers. Called before every answer and after events. */
  refresh(uid: string): void {
    const view = this.view(uid);
    if (!view?.quorum) return;
    this.publish(uid, view);
    const data = reconciled(this.host, view);
    if (data === undefined) return;
    this.write(uid, () => ({ data }));
    this.lookLater(view);
  }

  private remember(uid: string, index: number, data: ClusterData): void {
    let versions = this.past.get(uid);
    if (versions === undefined) {
      // A cluster that is gone or without power has no watchers.
      for (const other of this.past.keys()) if (this.view(other) === undefined) this.past.delete(other);
      versions = new Map<number, ClusterData>();
      this.past.set(uid, versions);
    }
    versions.set(index, data);
    const [oldest] = versions.keys();
    if (versions.size > keptVersions && oldest !== undefined) versions.delete(oldest);
  }

  // Changes just started continue with time: containers start and end, kubelets answer.
  private lookLater({ running, etcd }: ClusterView): void {
    const master = (running.get(etcd.leader) ?? [...running.values()][0])?.key;
    if (master === undefined) return;
    const { startMs, runMs, stopMs } = podTimes;
    for (const ms of [startMs, startMs + runMs, stopMs, nodeTimes.networkMs])
      this.host.schedule(master, ms, 'look', {});
  }

  /** Subscribes to every write. What clients see may also change with time; an empty write then notifies them. */
  watch(listener: (uid: string) => void): () => void {
    this.watchers.add(listener);
    return () => this.watchers.delete(listener);
  }

  // etcd's own first write: a started member publishes its name as soon as there is quorum.
  private publish(uid: string, view: ClusterView): void {
    for (const { id } of view.etcd.members.filter((m) => m.name === '')) {
      const machine = view.running.get(id);
      if (machine === undefined) continue;
      this.write(uid, ({ etcd }) => ({
        etcd: published(etcd, id, machine.name, `https://${machine.internalIp}:2379`),
      }));
    }
  }

  private notify(uid: string): void {
    for (const listener of this.watchers) listener(uid);
  }

  private copies(uid: string): { machine: GuestMachine; copy: EtcdCopy }[] {
    return this.host.machines().flatMap((machine) => {
      const disk = masterDisk(machine);
      if (disk === undefined || !isUp(this.host, machine)) return [];
      const copy = loadFromDisk(this.host, disk, 'etcd');
      return copy?.data.uid === uid ? [{ machine, copy }] : [];
    });
  }
}

/** The standpoint of one member, for rules that depend on health. */
export const standpoint = (host: GuestHost, view: ClusterView, self: string): Standpoint => ({
  self,
  now: host.clock.now(),
  up: view.up,
});
