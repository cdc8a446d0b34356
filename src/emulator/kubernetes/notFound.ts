import { failure, type Answer } from './answer.ts';
import type { ServedKind } from './resources.ts';

/** 404 for a missing object, in the API's own wording. */
export const objectNotFound = (resource: ServedKind, name: string): Answer =>
  failure(404, `${[resource.plural, ...groupOf(resource)].join('.')} "${name}" not found`, {
    name,
    ...(groupOf(resource).length === 0 ? {} : { group: groupOf(resource)[0] }),
    kind: resource.plural,
  });

// Empty for the core group.
const groupOf = ({ root }: ServedKind): string[] => (root === 'api/v1' ? [] : root.split('/').slice(1, 2));
