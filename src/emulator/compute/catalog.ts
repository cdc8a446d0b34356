import type { Cloud } from '../cloud.ts';
import { partsOf } from './paths.ts';
import type { Resource } from './resources.ts';

/** A link from one resource to another. */
export interface Reference {
  /** Field of the body, for messages: `resource.network`. */
  readonly field: string;
  readonly path: string;
}

/** A kind whose resources reference others. */
export interface Referring {
  readonly collection: string;
  /** References of a resource: each must exist and be ready at insert, and cannot be deleted while referenced. */
  readonly references?: (cloud: Cloud, resource: never) => readonly Reference[];
}

const table = (collection: string): string => `compute/${collection}`;

/** A stored resource with the path it is stored under. */
export interface Stored<R extends Resource = Resource> {
  readonly path: string;
  readonly resource: R;
}

/** The resource at a path below the project; the caller knows its type from the path. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the caller knows the type from the path
export const find = <R extends Resource>(cloud: Cloud, path: string): R | undefined =>
  cloud.store.get<R>(table(partsOf(path).collection), path);

/** All resources of a collection, or those of one scope (`zones/z`). */
export const resources = <R extends Resource>(cloud: Cloud, collection: string, scope?: string): Stored<R>[] =>
  cloud.store
    .entries<R>(table(collection))
    .filter(([path]) => scope === undefined || path.startsWith(`${scope}/`))
    .map(([path, resource]) => ({ path, resource }));

/** Creates or replaces a resource. */
export const save = (cloud: Cloud, path: string, resource: Resource): void =>
  cloud.store.put(table(partsOf(path).collection), path, resource);

/** Removes a resource. */
export const drop = (cloud: Cloud, path: string): void => cloud.store.remove(table(partsOf(path).collection), path);

interface Index {
  readonly revision: number;
  readonly users: ReadonlyMap<string, readonly string[]>;
}

const indexes = new WeakMap<Cloud, Index>();
const rulesOf = new WeakMap<Cloud, readonly Referring[]>();

/** Registers the kinds; once per emulator. */
export const registerKinds = (cloud: Cloud, kinds: readonly Referring[]): void => void rulesOf.set(cloud, kinds);

/** Paths of the resources that reference the one at `path`, by kind, then by insertion. */
export const referrers = (cloud: Cloud, path: string): readonly string[] => {
  const known = indexes.get(cloud);
  const index = known?.revision === cloud.store.revision ? known : buildIndex(cloud);
  return index.users.get(path) ?? [];
};

const buildIndex = (cloud: Cloud): Index => {
  const users = new Map<string, string[]>();
  for (const rules of rulesOf.get(cloud) ?? []) {
    for (const { path, resource } of resources(cloud, rules.collection)) {
      for (const reference of rules.references?.(cloud, resource as never) ?? []) {
        const list = users.get(reference.path) ?? [];
        if (!list.includes(path)) list.push(path);
        users.set(reference.path, list);
      }
    }
  }
  const index = { revision: cloud.store.revision, users };
  indexes.set(cloud, index);
  return index;
};
