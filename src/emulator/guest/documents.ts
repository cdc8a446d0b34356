import type { Role } from '../../boot/config.ts';
import type { GuestHost, GuestMachine } from '../guestRuntime.ts';
import type { EtcdCopy } from '../kubernetes/clusterState.ts';

/** What a machine knows of itself between two events; on its boot disk, so it goes with the machine: no document, no machine. */
export interface MachineDocument {
  /** Of which machine this is; a re-created one of the same name starts from scratch. */
  readonly instanceId: string;
  readonly role: Role;
  /** uid of its cluster. */
  readonly uid: string;
  /** Boot whose kubelet (and static pods) run; another boot's id means that they do not. */
  readonly up?: string | undefined;
  /** Since when, cluster time. */
  readonly upAt?: number;
  /** Set on a node once it has joined; a master's stands on its persistent disk. */
  readonly joined?: string;
  /** The first walk through the steps has installed the software. */
  readonly installed?: boolean;
}

/** What a master's persistent disk says of itself. */
export interface DiskDocument {
  /** uid of the cluster that it belongs to once the master worked. */
  readonly joined?: string;
}

/** Files of the authorities by their names below /etc/kubernetes/pki. */
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

/** Typed reading of what this room has written itself; hence no validation. */
export const loadMachine = (host: GuestHost, key: string): MachineDocument | undefined =>
  host.load({ machine: key }, 'guest') as MachineDocument | undefined;

/** Whether the machine has joined its cluster: a master's disk says so, a node's boot disk. */
export const hasJoined = (host: GuestHost, machine: GuestMachine): boolean => {
  const disk = masterDisk(machine);
  const joined = disk === undefined ? loadMachine(host, machine.key)?.joined : loadFromDisk(host, disk, 'disk')?.joined;
  return joined !== undefined;
};

/** Replaces the machine's document, or with undefined forgets the machine. */
export const saveMachine = (host: GuestHost, key: string, document: MachineDocument | undefined): void =>
  host.save({ machine: key }, 'guest', document);

/** One document of a master's persistent disk. */
export const loadFromDisk = <K extends Exclude<keyof Documents, 'machine'>>(
  host: GuestHost,
  disk: string,
  name: K,
): Documents[K] | undefined => host.load({ disk }, name) as Documents[K] | undefined;

/** Replaces, or with undefined removes, one document of a master's persistent disk. */
export const saveOnDisk = <K extends Exclude<keyof Documents, 'machine'>>(
  host: GuestHost,
  disk: string,
  name: K,
  value: Documents[K] | undefined,
): void => host.save({ disk }, name, value);

/** Whether kubelet and, on a master, etcd and the API server run in this boot. */
export const isUp = (host: GuestHost, machine: GuestMachine): boolean =>
  loadMachine(host, machine.key)?.up === machine.bootId;
