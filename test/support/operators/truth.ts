import type { Emulator } from '../../../src/emulator/emulator.ts';
import { markerOf, readRoot, type RootRecord } from '../../../src/model/marker.ts';
import { names } from '../../../src/model/names.ts';

type Tables = Readonly<Record<string, Readonly<Record<string, unknown>> | undefined>>;

/** The ownership fields of a resource. */
export interface Thing {
  readonly name?: string;
  readonly description?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly address?: string;
  readonly instance?: string;
}

interface Copy {
  readonly self: string;
  readonly etcd: {
    readonly index: number;
    readonly members: readonly { readonly id: string; readonly learner: boolean }[];
  };
  readonly data: {
    readonly uid: string;
    readonly nodes: Readonly<Record<string, { readonly uid: string; readonly unschedulable?: boolean }>>;
    readonly objects: Readonly<Record<string, unknown>>;
  };
}

/** A cluster's root record with its location. */
export interface RootThing {
  readonly path: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly address: string;
  readonly record: RootRecord;
}

/** The masters of a cluster as etcd has them. */
export interface Masters {
  /** Paths of the machines whose members vote; an ID if the machine is gone. */
  readonly voters: readonly string[];
  readonly learners: number;
  readonly nodes: Copy['data']['nodes'];
  /** Objects stored by clients and controllers and not being deleted, as `plural/namespace/name`. */
  readonly objects: readonly string[];
}

const isTerminating = (stored: unknown): boolean =>
  (stored as { readonly object?: { readonly metadata?: { readonly deletionTimestamp?: string } } }).object?.metadata
    ?.deletionTimestamp !== undefined;

/** The true state of a cloud at an instant, from the emulator's own state: not Trizone's view. */
export class Truth {
  private readonly tables: Tables;

  constructor(emulator: Emulator) {
    this.tables = emulator.exportState() as Tables;
  }

  /** A Compute Engine resource by its path below the project. */
  thing(path: string): Thing | undefined {
    const kind = path.split('/').at(-2) ?? '';
    return this.tables[`compute/${kind}`]?.[path] as Thing | undefined;
  }

  secret(id: string): Thing | undefined {
    return this.tables.secrets?.[id] as Thing | undefined;
  }

  /** Newest payload of a secret. */
  payload(id: string): string | undefined {
    const secret = this.tables.secrets?.[id] as { versions: { state: string; data?: string }[] } | undefined;
    const data = secret?.versions.findLast((version) => version.state === 'ENABLED')?.data;
    return data === undefined ? undefined : Buffer.from(data, 'base64').toString();
  }

  account(email: string): Thing | undefined {
    return this.tables.accounts?.[email] as Thing | undefined;
  }

  bindings(on: string): readonly { role: string; members: readonly string[] }[] {
    const policy = this.tables.policies?.[on] as { bindings?: { role: string; members: string[] }[] } | undefined;
    return policy?.bindings ?? [];
  }

  /** All things of a kind, by path. */
  things(kind: string): [string, Thing][] {
    return Object.entries(this.tables[`compute/${kind}`] ?? {}) as [string, Thing][];
  }

  roots(): RootThing[] {
    return this.things('addresses').flatMap(([path, thing]) => {
      const record = readRoot(thing.description ?? '');
      if (record === undefined || thing.name !== names(record.cluster).rootAddress) return [];
      return [{ path, record, labels: thing.labels ?? {}, address: thing.address ?? '' }];
    });
  }

  /** Whether a cluster's API is reachable: its external forwarding rule exists. */
  isReachable({ cluster, uid }: RootRecord): boolean {
    const { externalLb } = names(cluster);
    return this.things('forwardingRules').some(([, f]) => f.name === externalLb && markerOf(f)?.uid === uid);
  }

  hasPower(machine: string): boolean {
    return this.tables.boots?.[machine] !== undefined;
  }

  /** Machines in the masters' groups of a cluster. */
  registered(uid: string): string[] {
    return this.things('instanceGroups').flatMap(([path, group]) =>
      markerOf(group)?.uid === uid ? Object.keys(this.tables[`groupMembers/${path}`] ?? {}) : [],
    );
  }

  masters(uid: string): Masters {
    const copies = this.copies(uid);
    const newest = copies.map((c) => c.copy).sort((a, b) => b.etcd.index - a.etcd.index)[0];
    const members = newest?.etcd.members ?? [];
    const machineOf = (id: string): string => copies.find((c) => c.copy.self === id)?.machine ?? id;
    const voters = members.filter((m) => !m.learner).map((m) => machineOf(m.id));
    const { nodes = {}, objects = {} } = newest?.data ?? {};
    return {
      voters,
      learners: members.length - voters.length,
      nodes,
      objects: Object.keys(objects).filter((key) => !isTerminating(objects[key])),
    };
  }

  /** Path of a member's machine by member ID; undefined if its disk is gone. */
  machineOfMember(uid: string, id: string): string | undefined {
    return this.copies(uid).find((c) => c.copy.self === id)?.machine;
  }

  private copies(uid: string): { machine: string; copy: Copy }[] {
    return Object.entries(this.tables).flatMap(([table, rows]) => {
      const [, path] = /^documents\/(zones\/[^/]+\/disks\/.*)-pd$/.exec(table) ?? [];
      const copy = rows?.etcd as Copy | undefined;
      if (path === undefined || copy?.data.uid !== uid) return [];
      return [{ machine: path.replace('/disks/', '/instances/'), copy }];
    });
  }
}
