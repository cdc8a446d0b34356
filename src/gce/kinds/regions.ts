import * as v from 'valibot';
import { linkName } from '../../model/links.ts';
import { links, quotas, resource, textField } from '../fields.ts';
import type { KindRow } from '../kind.ts';

/** Regions, with what the project may use of them. */
export const regions = {
  client: 'regions',
  one: 'region',
  scope: 'global',
  schema: resource({
    status: textField,
    quotas,
    zones: v.pipe(
      links,
      v.transform((all) => all.map(linkName)),
    ),
  }),
} as const satisfies KindRow;
