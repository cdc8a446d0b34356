import { count, resource, text } from '../fields.ts';
import type { KindRow } from '../kind.ts';

/** Images of boot disks. */
export const images = {
  client: 'images',
  one: 'image',
  scope: 'global',
  schema: resource({ family: text, status: text, diskSizeGb: count }),
} as const satisfies KindRow;
