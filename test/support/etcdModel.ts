import { saveMachine, saveOnDisk } from '../../src/emulator/guest/documents.ts';
import type { ClusterData, ClusterView } from '../../src/emulator/kubernetes/clusterState.ts';
import { ClusterStore, standpoint } from '../../src/emulator/kubernetes/clusterStore.ts';
import {
  led,
  newEtcd,
  type SimulatedEtcd,
  type SimulatedMember,
  type Standpoint,
} from '../../src/emulator/kubernetes/etcd.ts';
import { runEtcdctl } from '../../src/emulator/kubernetes/etcdctl.ts';
import type { Printed } from '../../src/emulator/kubernetes/etcdctlWords.ts';
import { OperatorError } from '../../src/lib/operatorError.ts';
import { versionsFor } from '../../src/model/versions.ts';
import { GuestWorld } from './guestWorld.ts';

const uid = 'u1d2';
const zone = 'europe-west1-b';

const emptyData: ClusterData = {
  uid,
  cluster: '',
  project: 'demo-project',
  region: 'europe-west1',
  versions: versionsFor('1.37.2'),
  podCidr: '',
  serviceCidr: '',
  internalIp: '',
  externalIp: '',
  nodes: {},
  objects: {},
};

/** The emulator's etcd in isolation: machines with disks, their copies, and the store that reads and writes them. */
export class EtcdModel {
  /** Real time that has passed: the world's own clock runs ahead to scheduled events. */
  now = 0;
  private readonly world: GuestWorld;
  private readonly store: ClusterStore;
  private readonly keys: string[] = [];

  constructor(seed: string) {
    this.world = new GuestWorld(seed);
    this.store = new ClusterStore(this.world);
  }

  /** ID of a slot's member; etcd's IDs are hexadecimal. */
  idOf(slot: number): string {
    return `${slot + 1}`.padStart(16, 'a');
  }

  memberOf(slot: number, learner: boolean): SimulatedMember {
    return { id: this.idOf(slot), name: '', peerUrl: `https://m${slot}:2380`, clientUrl: '', learner };
  }

  get view(): ClusterView | undefined {
    return this.store.view(uid);
  }

  /** Starts a slot's machine for the first time, as the very first member or with the others' copy. */
  start(slot: number): void {
    const etcd = slot === 0 ? newEtcd('c0ffee0123456789', this.memberOf(0, false)) : this.view?.etcd;
    const data = this.view?.data ?? emptyData;
    this.keys[slot] = this.world.start(`m${slot}`, zone, {}, 'replica');
    if (etcd !== undefined) saveOnDisk(this.world, this.disk(slot), 'etcd', { self: this.idOf(slot), etcd, data });
    this.up(slot);
  }

  kill(slot: number): void {
    this.world.powerOff(this.key(slot));
  }

  restart(slot: number): void {
    this.world.powerOn(this.key(slot));
    this.up(slot);
  }

  isRunning(slot: number): boolean {
    return this.view?.running.has(this.idOf(slot)) === true;
  }

  /** Changes the membership through one member; returns its answer, `ok` or an error in etcd's wording. */
  change(asked: number, change: (etcd: SimulatedEtcd, at: Standpoint) => SimulatedEtcd): string {
    return this.attempt(asked, (view) => ({
      etcd: change(view.etcd, { ...standpoint(this.world, view, this.idOf(asked)), now: this.now }),
    }));
  }

  /** Runs etcdctl in the pod of the first member. */
  etcdctl(line: readonly string[]): Printed {
    const { view } = this;
    if (view === undefined) throw new OperatorError('internal', 'No member runs');
    const { now } = this;
    const write = (etcd: SimulatedEtcd): boolean => this.store.write(uid, () => ({ etcd }));
    return runEtcdctl({ view, self: this.idOf(0), now, ids: this.world.ids, write }, line);
  }

  write(asked: number, text: string, times: number): string {
    let said = 'ok';
    for (let i = 0; i < times && said === 'ok'; i++)
      said = this.attempt(asked, ({ data }) => ({ data: { ...data, cluster: text } }));
    return said;
  }

  /** A linearizable read. */
  read(asked: number): string {
    const view = this.viewFrom(asked);
    return view?.quorum === true ? view.data.cluster : 'etcdserver: request timed out';
  }

  /** The winner of an election is not deterministic: the model adopts the leader that the real members elected. */
  follow(slot: number): void {
    this.store.write(uid, ({ etcd, up }) => ({ etcd: led(etcd, up, this.idOf(slot)) }));
  }

  private viewFrom(slot: number): ClusterView | undefined {
    const machine = this.world.instance(this.key(slot));
    return machine === undefined ? undefined : this.store.viewFrom(machine);
  }

  private attempt(asked: number, change: (view: ClusterView) => { etcd?: SimulatedEtcd; data?: ClusterData }): string {
    const view = this.viewFrom(asked);
    if (view === undefined) return 'etcdserver: request timed out';
    try {
      const changed = change(view);
      return this.store.write(uid, () => changed) ? 'ok' : 'etcdserver: request timed out';
    } catch (error) {
      if (OperatorError.is(error, 'conflict', 'unavailable')) return error.message;
      throw error;
    }
  }

  private up(slot: number): void {
    const machine = this.world.instance(this.key(slot));
    if (machine === undefined) return;
    const own = { instanceId: machine.id, role: 'replica', uid } as const;
    saveMachine(this.world, machine.key, { ...own, up: machine.bootId, upAt: this.now });
    this.store.refresh(uid);
  }

  private key(slot: number): string {
    return this.keys[slot] ?? '';
  }

  private disk(slot: number): string {
    return `zones/${zone}/disks/m${slot}-pd`;
  }
}
