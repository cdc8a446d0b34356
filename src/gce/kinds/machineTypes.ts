import { count, resource } from '../fields.ts';
import type { KindRow } from '../kind.ts';

/** Machine types of a zone. */
export const machineTypes = {
  client: 'machineTypes',
  one: 'machineType',
  scope: 'zone',
  aggregated: 'machineTypes',
  schema: resource({ guestCpus: count, memoryMb: count }),
} as const satisfies KindRow;
