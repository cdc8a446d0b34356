import type { Role } from '../../boot/config.ts';
import type { GuestHost, GuestMachine } from '../guestRuntime.ts';
import type { EtcdCopy } from '../kubernetes/clusterState.ts';

/** State that a machine keeps between events; on its boot disk, so it is deleted with the machine. */
export interface MachineDocument {
  /** ID of the machine; one re-created under the same name starts from scratch. */
  readonly instanceId: string;
  readonly role: Role;
  /** uid of the machine's cluster. */
  readonly uid: string;
  /** Boot in which kubelet (and the static pods) run; another boot's ID means that they are down. */
  readonly up?: string | undefined;
  /** Start of that, in cluster time. */
  readonly upAt?: number;
  /** Set on a node once it has joined; for a master this is on its persistent disk. */
  readonly joined?: string;
  /** Set once the first pass through the steps has installed the software. */
  readonly installed?: boolean;
}

/** State on a master's persistent disk. */
export interface DiskDocument {
  /** uid of its cluster, set once the master worked. */
  readonly joined?: string;
}

/** PKI files by their names below /etc/kubernetes/pki. */
export type PkiFiles = Readonly<Record<string, string>>;

interface Documents {
  readonly machine: MachineDocument;
  readonly disk: DiskDocument;
  readonly pki: PkiFiles;
  readonly etcd: EtcdCopy;
}

/** Device name that the startup script mounts. */
const masterDevice = 'master-pd';

/** The master's persistent disk, if it is attached. */
export const masterDisk = (machine: GuestMachine): string | undefined =>
  machine.disks.find((d) => d.deviceName === masterDevice)?.url;

/** Typed, unvalidated read: only this module writes these documents. */
export const loadMachine = (host: GuestHost, key: string): MachineDocument | undefined =>
  host.load({ machine: key }, 'guest') as MachineDocument | undefined;

/** Whether the machine has joined its cluster: recorded on a master's persistent disk or a node's boot disk. */
export const hasJoined = (host: GuestHost, machine: GuestMachine): boolean => {
  const disk = masterDisk(machine);
  const joined = disk === undefined ? loadMachine(host, machine.key)?.joined : loadFromDisk(host, disk, 'disk')?.joined;
  return joined !== undefined;
};

/** Replaces the machine's document; undefined removes it. */
export const saveMachine = (host: GuestHost, key: string, document: MachineDocument | undefined): void =>
  host.save({ machine: key }, 'guest', document);

/** One document of a master's persistent disk. */
export const loadFromDisk = <K extends Exclude<keyof Documents, 'machine'>>(
  host: GuestHost,
  disk: string,
  name: K,
): Documents[K] | undefined => host.load({ disk }, name) as Documents[K] | undefined;

/** Replaces a document of a master's persistent disk; undefined removes it. */
export const saveOnDisk = <K extends Exclude<keyof Documents, 'machine'>>(
  host: GuestHost,
  disk: string,
  name: K,
  value: Documents[K] | undefined,
): void => host.save({ disk }, name, value);

/** Whether kubelet and, on a master, etcd and the API server run in this boot. */
export const isUp = (host: GuestHost, machine: GuestMachine): boolean =>
  loadMachine(host, machine.key)?.up === machine.bootId;
