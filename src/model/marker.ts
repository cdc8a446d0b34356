import * as v from 'valibot';

/**
 * The mark of ownership that every resource of a cluster carries: labels where the kind takes them at insert, the same as JSON
 * in the description everywhere. `uid` tells a cluster from its dead namesakes.
 */
export interface Marker {
  readonly cluster: string;
  readonly uid: string;
}

/** Label keys; values obey Google's rules because cluster names and uids do. */
export const labelKeys = {
  cluster: 'trizone-cluster',
  uid: 'trizone-uid',
  role: 'trizone-role',
  pool: 'trizone-pool',
  run: 'trizone-run',
  leaseHolder: 'trizone-lease-holder',
  leaseVerb: 'trizone-lease-verb',
  leaseAt: 'trizone-lease-at',
  generation: 'trizone-generation',
  protected: 'trizone-protected',
} as const;

/** What a machine or part of it is. */
export type Part = 'master' | 'node' | 'lb' | 'etcd';

/** Labels of a resource. */
export const markerLabels = (
  owner: Marker,
  role: Part,
  more: Readonly<Record<string, string>> = {},
): Record<string, string> => ({
  [labelKeys.cluster]: owner.cluster,
  [labelKeys.uid]: owner.uid,
  [labelKeys.role]: role,
  ...more,
});

/** Description of a resource, set at its insert. `facts` travel along: a master's disk keeps its address and pod range there. */
export const markerDescription = (owner: Marker, facts: Readonly<Record<string, string>> = {}): string =>
  JSON.stringify({ trizone: 1, cluster: owner.cluster, uid: owner.uid, ...facts });

const markerSchema = v.object({ trizone: v.literal(1), cluster: v.string(), uid: v.string() });

/** The marker in a description, or undefined where there is none of ours. */
export const readMarker = (description: string): Marker | undefined => {
  const parsed = v.safeParse(markerSchema, parseJson(description));
  return parsed.success ? { cluster: parsed.output.cluster, uid: parsed.output.uid } : undefined;
};

const parseJson = (text: string): unknown => {
  if (!text.startsWith('{')) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // somebody's own words in braces
  }
};

/** Whose a resource is, by its marker in labels or description. */
export const markerOf = (resource: {
  description?: string;
  labels?: Readonly<Record<string, string>>;
}): Marker | undefined => {
  const cluster = resource.labels?.[labelKeys.cluster];
  const uid = resource.labels?.[labelKeys.uid];
  if (cluster !== undefined && uid !== undefined) return { cluster, uid };
  return readMarker(resource.description ?? '');
};

/**
 * Ownership (invariant 4): the marker has this cluster's uid **and** the name matches an anchored pattern or is the exact one.
 * Everything that changes or deletes asks this first.
 */
export const isOurs = (
  owner: Marker,
  resource: { name: string; description?: string; labels?: Readonly<Record<string, string>> },
  name: string | RegExp,
): boolean => {
  const found = markerOf(resource);
  const named = typeof name === 'string' ? resource.name === name : name.test(resource.name);
  return named && found?.uid === owner.uid && found.cluster === owner.cluster;
};

const rootSchema = v.object({
  trizone: v.literal(1),
  uid: v.string(),
  cluster: v.string(),
  network: v.string(),
  podCidr: v.string(),
  serviceCidr: v.string(),
  created: v.string(),
});

/** Content of the root record: the description of the address `P-master-ip`. */
export type RootRecord = v.InferOutput<typeof rootSchema>;

/** Description of the root record. */
export const rootDescription = (r: Omit<RootRecord, 'trizone'>): string => JSON.stringify({ trizone: 1, ...r });

/** The root record in a description, or undefined when the address is somebody else's. */
export const readRoot = (description: string): RootRecord | undefined => {
  const parsed = v.safeParse(rootSchema, parseJson(description));
  return parsed.success ? parsed.output : undefined;
};
