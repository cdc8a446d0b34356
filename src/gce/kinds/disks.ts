import type { google } from '@google-cloud/compute/build/protos/protos.js';
import { masterDiskPattern } from '../../model/names.ts';
import { count, links, resource, short, textField, textMap } from '../fields.ts';
import { body, setLabels, type OwnRow } from '../kind.ts';
import { instanceGroupManagers } from './instanceGroupManagers.ts';
import { instances } from './instances.ts';

/** Disks of masters and of persistent volume claims. */
export const disks = {
  client: 'disks',
  one: 'disk',
  scope: 'zone',
  aggregated: 'disks',
  schema: resource({
    status: textField,
    sizeGb: count,
    type: short,
    users: links,
    labels: textMap,
    labelFingerprint: textField,
  }),
  actions: { setLabels: setLabels('zone') },
  noun: 'disk',
  gcloud: 'disks',
  group: 'Disks',
  billed: true,
  goesAfter: [instanceGroupManagers, instances],
  owns: masterDiskPattern,
  body: body<google.cloud.compute.v1.IDisk>(),
} as const satisfies OwnRow;
