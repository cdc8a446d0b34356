import { quotas, resource, textField } from '../fields.ts';
import type { KindRow } from '../kind.ts';

/** The project itself. */
export const projects = {
  client: 'projects',
  one: 'project',
  scope: 'global',
  schema: resource({ quotas, defaultServiceAccount: textField }),
} as const satisfies KindRow;
