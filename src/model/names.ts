import { invalid } from '../lib/operatorError.ts';

/**
 * Cluster and pool names: with at most 20 characters, every derived name fits Google's 63 (managed group base names:
 * 58).
 */
export const maxNameLength = 20;
const namePattern = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;

/** Rejects a cluster or pool name that breaks the rule; names are never truncated or hashed to fit. */
export const checkName = (what: 'Cluster' | 'Pool', name: string): string => {
  const rule = `1 to ${maxNameLength} characters: a lowercase letter, then lowercase letters, digits, or hyphens, not ending with a hyphen`;
  if (name.length > maxNameLength || !namePattern.test(name)) {
    throw invalid(`${what} name is invalid (${rule}): "${name}"`, `For example: ${proposeName(name)}`);
  }
  return name;
};

/** A valid name as close as possible to the typed one. */
export const proposeName = (typed: string): string => {
  const bare = typed
    .toLowerCase()
    .normalize('NFKD')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[-0-9]+/, '')
    .slice(0, maxNameLength)
    .replace(/-+$/, '');
  return bare === '' ? 'kubernetes' : bare;
};

/** Name of the pool that every cluster starts with: kube-up's `minion-group`. */
export const defaultPool = 'group';

/**
 * The names of all of a cluster's parts, derived from its own. They are kube-up's (config-default.sh), so that readers
 * of the article recognize them.
 */
export const names = (text: string) =>
  ({
    network: `${text}-net`,
    subnet: `${text}-subnet`,
    /** Root record of the cluster and address of its API. */
    rootAddress: `${text}-master-ip`,
    internalAddress: `${text}-master-internal-ip`,
    healthCheck: `${text}-master-hc`,
    masterGroup: `${text}-masters`,
    externalLb: `${text}-master`,
    internalLb: `${text}-master-internal`,
    firstMaster: `${text}-master`,
    masterTag: `${text}-master`,
    nodeTag: `${text}-minion`,
    masterDisk: (master: string) => `${master}-pd`,
    masterAddress: (master: string) => `${master}-int`,
    pool: (pool: string) => `${text}-minion-${pool}`,
    template: (pool: string, hash: string) => `${text}-minion-${pool}-${hash}`,
    masterAccount: `tz-${text}-cp`,
    nodeAccount: `tz-${text}-node`,
    secrets: { pki: `${text}-pki`, join: `${text}-join`, admin: `${text}-admin` },
    firewalls: {
      https: `${text}-master-https`,
      healthCheck: `${text}-master-hc`,
      etcd: `${text}-master-etcd`,
      internalMaster: `${text}-internal-master`,
      internalNode: `${text}-internal-node`,
      nodes: `${text}-minion-all`,
      ssh: `${text}-iap-ssh`,
    },
  }) as const;

/** All derived names of one cluster. */
export type Names = ReturnType<typeof names>;

/** Suffix of a replica's name: kube-up's get-random-string, three of [0-9a-z] (util.sh, `set-replica-name`). */
export const masterSuffix = { length: 3, alphabet: '0123456789abcdefghijklmnopqrstuvwxyz' } as const;

/** Pool name of a managed instance group. */
export const poolOfGroup = (n: Names, group: string): string => group.slice(n.pool('').length);

const escape = (text: string): string => text.replace(/[-.]/g, '\\$&');

/** Anchored pattern of the names of this cluster's masters. */
export const masterPattern = (p: string): RegExp => new RegExp(`^${escape(p)}-master(-[0-9a-z]{3})?$`);
/** Anchored pattern of the names of masters' disks. */
export const masterDiskPattern = (p: string): RegExp => new RegExp(`^${escape(p)}-master(-[0-9a-z]{3})?-pd$`);
/** Anchored pattern of the names of masters' own addresses. */
export const masterAddressPattern = (p: string): RegExp => new RegExp(`^${escape(p)}-master(-[0-9a-z]{3})?-int$`);
/** Anchored pattern of the names of pools' managed instance groups. */
export const poolPattern = (p: string): RegExp => new RegExp(`^${escape(p)}-minion-[a-z]([-a-z0-9]{0,18}[a-z0-9])?$`);
/** Anchored pattern of the names of pools' instance templates. */
export const templatePattern = (text: string): RegExp =>
  new RegExp(`^${escape(text)}-minion-[a-z]([-a-z0-9]{0,18}[a-z0-9])?-[0-9a-f]{8}$`);
/**
 * Anchored pattern of one group's instances: its name and four random characters, so that group `a` does not match
 * those of `a-b`.
 */
export const machinePattern = (group: string): RegExp => new RegExp(`^${escape(group)}-[0-9a-z]{4}$`);
/** Anchored pattern of one group's instance templates. */
export const ownTemplatePattern = (group: string): RegExp => new RegExp(`^${escape(group)}-[0-9a-f]{8}$`);
/** Anchored pattern of nodes: the group's name and four random characters. */
export const nodePattern = (text: string): RegExp =>
  new RegExp(`^${escape(text)}-minion-[a-z]([-a-z0-9]{0,18}[a-z0-9])?-[0-9a-z]{4}$`);

/** A pattern that matches any of the given ones. */
export const either = (...patterns: readonly RegExp[]): RegExp => new RegExp(patterns.map((r) => r.source).join('|'));
/** Anchored pattern of exactly these names. */
export const fixed = (...known: readonly string[]): RegExp => new RegExp(`^(${known.map(escape).join('|')})$`);
