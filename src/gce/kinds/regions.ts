import * as v from 'valibot';
import { linkName } from '../../model/links.ts';
import { links, quotas, resource, textField } from '../fields.ts';
import type { KindRow } from '../kind.ts';

/** Regions, with the project's quotas. */
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
