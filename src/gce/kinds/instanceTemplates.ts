import type { google } from '@google-cloud/compute/build/protos/protos.js';
import * as v from 'valibot';
import { templatePattern } from '../../model/names.ts';
import {
  count,
  firstServiceAccount,
  booleanField,
  listOf,
  metadata,
  resource,
  short,
  tags,
  textField,
  textMap,
} from '../fields.ts';
import { body, type OwnRow } from '../kind.ts';
import { instanceGroupManagers } from './instanceGroupManagers.ts';

const bootDisk = v.pipe(
  listOf(
    v.object({ boot: booleanField, initializeParams: v.nullish(v.object({ diskType: short, diskSizeGb: count })) }),
  ),
  v.transform((all) => {
    const made = (all.find((d) => d.boot) ?? all[0])?.initializeParams;
    return { type: made?.diskType ?? '', sizeGb: made?.diskSizeGb ?? 0 };
  }),
);

const template = v.pipe(
  resource({
    properties: v.object({
      description: textField,
      labels: textMap,
      machineType: short,
      metadata,
      tags,
      serviceAccounts: firstServiceAccount,
      disks: bootDisk,
      scheduling: v.nullish(v.object({ provisioningModel: textField })),
    }),
  }),
  v.transform(({ properties, ...rest }) => {
    const { description, serviceAccounts, disks, scheduling, ...own } = properties;
    const more = { instanceDescription: description, serviceAccount: serviceAccounts };
    return { ...rest, ...own, ...more, bootDisk: disks, spot: scheduling?.provisioningModel === 'SPOT' };
  }),
);

/** Instance templates of pools. */
export const instanceTemplates = {
  client: 'instanceTemplates',
  one: 'instanceTemplate',
  scope: 'global',
  schema: template,
  noun: 'instance template',
  gcloud: 'instance-templates',
  group: 'Nodes',
  billed: false,
  goesAfter: [instanceGroupManagers],
  owns: templatePattern,
  body: body<google.cloud.compute.v1.IInstanceTemplate>(),
} as const satisfies OwnRow;
