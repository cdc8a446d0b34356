import { count, resource, textField } from '../fields.ts';
import type { KindRow } from '../kind.ts';

/** Boot disk images. */
export const images = {
  client: 'images',
  one: 'image',
  scope: 'global',
  schema: resource({ family: textField, status: textField, diskSizeGb: count }),
} as const satisfies KindRow;
