import type { CloudWriter, ComputeWriter, Policy, Ref, ServicesWriter, Described } from '../gce/cloud.ts';
import { isOwnKind, kinds } from '../gce/kinds.ts';
import type { KubernetesWriter } from '../kube/kubernetes.ts';
import { OperatorError } from '../lib/operatorError.ts';
import { command, toRun } from '../lib/remedy.ts';
import { isOurs, labelKeys, markerOf, type Marker } from '../model/marker.ts';
import { names } from '../model/names.ts';
import type { ClusterIdentity } from '../model/clusterIdentity.ts';
import { isMemberOf } from '../steps/account.ts';
import type { Reads, Writes } from '../steps/world.ts';
import type { Fence } from './fence.ts';

/** What a run may change: this cluster's resources, while it holds the cluster's lease. */
export interface GateParts {
  readonly identity: ClusterIdentity;
  readonly cluster: string;
  readonly fence: Fence;
}

/**
 * The gate in front of every change to the world (invariants 4 and 10): a marked resource must have this cluster's uid
 * and one of the cluster's names, and the lease must be held at that moment, for retries as well. Three things have no
 * uid, so each has its own rule: project roles (their members' accounts are checked), what Kubernetes created (the
 * call's rule), and the cluster's API (its admin secret is checked).
 */
export const gate = (world: Writes, parts: GateParts): Writes => ({
  ...world,
  cloud: { ...world.cloud, compute: compute(world, parts), services: services(world.cloud, parts) },
  kubernetes: kubernetes(world, parts),
});

/** The world, as one cluster's plan sees it: the API is reachable only if its credentials are this cluster's. */
export const scoped = <W extends Reads>(world: W, identity: ClusterIdentity, cluster: string): W => {
  const owns = adminOf(world, { cluster, uid: identity.uid });
  const kubernetes: Reads['kubernetes'] = async (secret) =>
    (await owns(secret)) ? world.kubernetes(secret) : undefined;
  return { ...world, kubernetes };
};

const foreign = (what: string, found: Described | undefined, { cluster, uid }: Marker): OperatorError => {
  const marker = found === undefined ? undefined : markerOf(found);
  const whose =
    marker === undefined ? 'it has no Trizone marker' : `it belongs to ${marker.cluster}, uid ${marker.uid}`;
  return new OperatorError('foreign', `Left unchanged, not part of this cluster: ${what} (${whose})`, {
    remedy: [
      { text: `This run is for ${cluster}, uid ${uid}.` },
      toRun('See', command`trizone status`),
      toRun('', command`trizone leftovers`),
    ],
  });
};

const ownerOf = (g: GateParts): Marker => ({ cluster: g.cluster, uid: g.identity.uid });

// The same object with these methods replaced; the rest is inherited, since the inner one may be a class instance.
const instead = <T extends object>(inner: T, methods: Partial<T>): T =>
  Object.assign(Object.create(inner) as T, methods);

const compute = ({ cloud, holder }: Writes, parts: GateParts): ComputeWriter => {
  const owner = ownerOf(parts);
  const inner = cloud.compute;
  const isOwn = ({ kind }: Ref, found: Described): boolean =>
    isOwnKind(kind) && isOurs(owner, found, kinds[kind].owns(parts.cluster));
  const isRoot = (ref: Ref): boolean => ref.kind === 'addresses' && ref.name === names(parts.cluster).rootAddress;
  const before = (): Promise<void> => parts.fence.check();
  return instead<ComputeWriter>(inner, {
    insert: async (ref, body, call) => {
      const made: Described = { ...(body as object), name: ref.name };
      if (!isOwn(ref, made)) throw foreign(`${ref.kind} ${ref.name}`, made, owner);
      await inner.insert(ref, body, isRoot(ref) ? call : { ...call, before });
    },
    own: (ref, rule) =>
      inner.own(ref, async (found) => {
        if (isOwn(ref, found) || (await rule?.(found)) === true) return true;
        throw foreign(`${ref.kind} ${ref.name}`, found, owner);
      }),
    remove: async (target, call) => {
      if (isRoot(target)) await parts.fence.leave();
      await inner.remove(target, { ...call, before });
    },
    act: async (target, action, body, call) => {
      // Changes to the root record: the lease itself, and the protection, which needs no lease.
      if (!isRoot(target)) return inner.act(target, action, body, { ...call, before });
      const began = parts.fence.now();
      await inner.act(target, action, body, call);
      const labels = 'labels' in body ? (body.labels as Readonly<Record<string, string>>) : {};
      if (labels[labelKeys.leaseHolder] === holder) parts.fence.took(Number(labels[labelKeys.generation]), began);
    },
  });
};

const services = ({ services: inner, project }: CloudWriter, parts: GateParts): ServicesWriter => {
  const owner = ownerOf(parts);
  const n = names(parts.cluster);
  const before = (): Promise<void> => parts.fence.check();
  const secret = async (name: string): Promise<void> => {
    const found = await inner.secret(name);
    if (found !== undefined && !isOurs(owner, found, name)) throw foreign(`secret ${name}`, found, owner);
  };
  const account = async (id: string): Promise<void> => {
    const found = await inner.serviceAccount(id);
    if (found !== undefined && !isOurs(owner, { ...found, name: id }, id))
      throw foreign(`service account ${id}`, { ...found, name: id }, owner);
  };
  return instead<ServicesWriter>(inner, {
    createSecret: async (name, labels) => {
      if (!isOurs(owner, { name, labels }, name)) throw foreign(`secret ${name}`, { name, labels }, owner);
      await inner.createSecret(name, labels, before);
    },
    removeSecret: async (name) => {
      await secret(name);
      await inner.removeSecret(name, before);
    },
    setSecretPolicy: async (name, policy) => {
      await secret(name);
      await inner.setSecretPolicy(name, policy, before);
    },
    createServiceAccount: async (id, displayName, description) => {
      const made = { name: id, description };
      if (!isOurs(owner, made, id)) throw foreign(`service account ${id}`, made, owner);
      await inner.createServiceAccount(id, displayName, description, before);
    },
    removeServiceAccount: async (id) => {
      await account(id);
      await inner.removeServiceAccount(id, before);
    },
    setProjectPolicy: async (policy) => {
      const own = [n.masterAccount, n.nodeAccount];
      const now = await inner.projectPolicy();
      // If the policy has changed since it was read, Google refuses the write, and it is read again.
      const changed = now.etag === policy.etag ? changedMembers(now, policy) : [];
      const strange = changed.find((m) => !isMemberOf(project, own, m));
      if (strange !== undefined) throw foreign(`roles of ${strange}`, undefined, owner);
      for (const id of own) await account(id);
      await inner.setProjectPolicy(policy, before);
    },
  });
};

// Members that have a role in one of the two policies but not in the other.
const changedMembers = (left: Policy, right: Policy): string[] => {
  const has = (policy: Policy, role: string, member: string): boolean =>
    policy.bindings.some((x) => x.role === role && x.members.includes(member));
  const lost = (from: Policy, to: Policy): string[] =>
    from.bindings.flatMap(({ role, members }) => members.filter((m) => !has(to, role, m)));
  return [...lost(left, right), ...lost(right, left)];
};

// Whether a secret is this cluster's; a positive answer is cached.
const adminOf = (world: Reads, owner: Marker): ((secret: string) => Promise<boolean>) => {
  const known = new Set<string>();
  return async (name) => {
    if (known.has(name)) return true;
    const found = await world.cloud.services.secret(name);
    if (found !== undefined && isOurs(owner, found, name)) known.add(name);
    return known.has(name);
  };
};

const kubernetes = (world: Writes, parts: GateParts): Writes['kubernetes'] => {
  const owns = adminOf(world, ownerOf(parts));
  const gates = new Map<KubernetesWriter, KubernetesWriter>();
  return async (secret) => {
    const inner = (await owns(secret)) ? await world.kubernetes(secret) : undefined;
    if (inner === undefined) return undefined;
    const known = gates.get(inner) ?? kubernetesGate(inner, () => parts.fence.check());
    gates.set(inner, known);
    return known;
  };
};

const kubernetesGate = (inner: KubernetesWriter, check: () => Promise<void>): KubernetesWriter => {
  const checked =
    <A extends unknown[], R>(method: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      await check();
      return method(...args);
    };
  return instead<KubernetesWriter>(inner, {
    cordon: checked((...args) => inner.cordon(...args)),
    uncordon: checked((...args) => inner.uncordon(...args)),
    evict: checked((...args) => inner.evict(...args)),
    deleteNode: checked((...args) => inner.deleteNode(...args)),
    apply: checked((...args) => inner.apply(...args)),
    remove: checked((...args) => inner.remove(...args)),
    removeMember: checked((...args) => inner.removeMember(...args)),
    moveLeader: checked((...args) => inner.moveLeader(...args)),
  });
};
