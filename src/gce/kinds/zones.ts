import { resource, textField } from '../fields.ts';
import type { KindRow } from '../kind.ts';

/** Zones. */
export const zones = {
  client: 'zones',
  one: 'zone',
  scope: 'global',
  schema: resource({ status: textField }),
} as const satisfies KindRow;
