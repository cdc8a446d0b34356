import * as v from 'valibot';

/**
 * The ownership marker on every resource of a cluster: labels where the kind accepts them at insert, and the same as
 * JSON in the description everywhere. `uid` distinguishes a cluster from deleted ones of the same name.
 */
export interface Marker {
  readonly cluster: string;
  readonly uid: string;
}

/** Label keys; cluster names and uids satisfy Google's rules for label values. */
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

/** The role of a machine or of a part of it. */
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

/**
 * Description of a resource, set at insert. `facts` are stored with it: a master's disk keeps its address and pod range
 * there.
 */
export const markerDescription = (owner: Marker, facts: Readonly<Record<string, string>> = {}): string =>
  JSON.stringify({ trizone: 1, cluster: owner.cluster, uid: owner.uid, ...facts });

const markerSchema = v.object({ trizone: v.literal(1), cluster: v.string(), uid: v.string() });

/** The marker in a description; undefined if there is none of ours. */
export const readMarker = (description: string): Marker | undefined => {
  const parsed = v.safeParse(markerSchema, parseJson(description));
  return parsed.success ? { cluster: parsed.output.cluster, uid: parsed.output.uid } : undefined;
};

const parseJson = (text: string): unknown => {
  if (!text.startsWith('{')) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // text in braces that is not ours
  }
};

/** The owner of a resource, by the marker in its labels or description. */
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
 * Ownership (invariant 4): the marker has this cluster's uid **and** the name equals `name` or matches the anchored
 * pattern. Everything that changes or deletes a resource checks this first.
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

/** The root record in a description; undefined if the address is not a cluster's. */
export const readRoot = (description: string): RootRecord | undefined => {
  const parsed = v.safeParse(rootSchema, parseJson(description));
  return parsed.success ? parsed.output : undefined;
};
