import type { AuditEntry } from '../../../src/emulator/audit.ts';
import { markerOf, readRoot } from '../../../src/model/marker.ts';
import type { Thing, Truth } from './truth.ts';

/** Target of a change: uids of its clusters, a description, and the path of a Compute Engine resource. */
export interface Target {
  readonly uids: readonly string[];
  readonly path: string;
  /** The parsed body of the request. */
  readonly body: Body;
}

interface Body extends Thing {
  readonly accountId?: string;
  readonly serviceAccount?: Thing;
  readonly policy?: { readonly bindings?: readonly { readonly role: string; readonly members: readonly string[] }[] };
  readonly instances?: readonly (string | { readonly instance?: string })[];
  readonly properties?: Thing;
}

const uidOf = (thing: Thing | undefined): string[] => {
  const uid = readRoot(thing?.description ?? '')?.uid ?? markerOf(thing ?? {})?.uid;
  return uid === undefined ? [] : [uid];
};

const parse = (body: string): Body => (body === '' ? {} : (JSON.parse(body) as Body));

/** `/compute/v1/projects/p/zones/z/instances/i/stop` → `zones/z/instances/i`; for an insert, the path to be created. */
const pathOf = ({ path, kind, name, verb }: AuditEntry): string => {
  const below = path.replace(/^\/compute\/v1\/projects\/[^/]+\//, '');
  if (verb === 'insert') return `${below}/${name}`;
  const parts = below.split('/');
  return parts.slice(0, parts.indexOf(kind) + 2).join('/');
};

/** Owner of a change's target: from existing resources, else from the request. */
export const targetOf = (truth: Truth, entry: AuditEntry): Target => {
  const body = parse(entry.body);
  if (entry.path.startsWith('/compute/')) {
    const path = pathOf(entry);
    const there = truth.thing(path);
    return { uids: uidOf(there ?? { ...body.properties, ...body }), path, body };
  }
  return { uids: serviceUids(truth, entry, body), path: `${entry.kind}/${entry.name}`, body };
};

const serviceUids = (truth: Truth, { kind, verb, path, name }: AuditEntry, body: Body): string[] => {
  if (kind === 'secrets') {
    const id = new URL(path, 'http://x').searchParams.get('secretId') ?? name;
    return uidOf(verb === 'create' ? body : (truth.secret(id) ?? body));
  }
  if (kind === 'serviceAccounts') return uidOf(verb === 'create' ? body.serviceAccount : truth.account(name));
  if (kind === 'projects')
    return [...new Set(changedMembers(truth, body).flatMap((email) => uidOf(truth.account(email))))];
  return [];
};

// Service accounts whose roles a new project policy adds or removes.
const changedMembers = (truth: Truth, { policy }: Body): string[] => {
  const lines = (bindings: readonly { role: string; members: readonly string[] }[]): string[] =>
    bindings.flatMap((b) => b.members.map((m) => `${b.role} ${m}`));
  const [before, after] = [lines(truth.bindings('project')), lines(policy?.bindings ?? [])];
  const differs = [...before.filter((l) => !after.includes(l)), ...after.filter((l) => !before.includes(l))];
  return differs.map((line) => line.replace(/^.*:/, ''));
};
