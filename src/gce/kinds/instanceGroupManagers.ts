import type { google } from '@google-cloud/compute/build/protos/protos.js';
import * as v from 'valibot';
import { poolPattern } from '../../model/names.ts';
import { count, counts, booleanField, linkField, resource, textField } from '../fields.ts';
import { body, patch, type OwnRow } from '../kind.ts';

/** Managed instance groups: node pools. */
export const instanceGroupManagers = {
  client: 'instanceGroupManagers',
  one: 'instanceGroupManager',
  scope: 'zone',
  aggregated: 'instanceGroupManagers',
  schema: resource(
    {
      template: linkField,
      targetSize: count,
      baseInstanceName: textField,
      instanceGroup: linkField,
      stable: v.pipe(
        v.nullish(v.object({ isStable: booleanField })),
        v.transform((s) => s?.isStable ?? false),
      ),
      currentActions: counts,
      fingerprint: textField,
    },
    { template: 'instanceTemplate', stable: 'status' },
  ),
  actions: {
    resize: { name: 'instanceGroupManager' },
    deleteInstances: {
      name: 'instanceGroupManager',
      body: 'instanceGroupManagersDeleteInstancesRequestResource',
    },
    patch: patch('instanceGroupManager'),
  },
  noun: 'node pool',
  gcloud: 'instance-groups managed',
  group: 'Nodes',
  billed: false,
  goesAfter: [],
  owns: poolPattern,
  body: body<google.cloud.compute.v1.IInstanceGroupManager>(),
} as const satisfies OwnRow;
