import { failure, type Answer } from './answer.ts';
import type { Resource } from './resources.ts';

/** An object that is not there, in the API's own words. */
export const notFound = (resource: Resource, name: string): Answer =>
  failure(404, `${resource.plural}${groupSuffix(resource)} "${name}" not found`, { name, kind: resource.plural });

const groupSuffix = (resource: Resource): string =>
  resource.root === 'api/v1' ? '' : `.${resource.root.split('/')[1] ?? ''}`;
