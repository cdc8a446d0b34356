import type { google } from '@google-cloud/compute/build/protos/protos.js';
import { fixed, names } from '../../model/names.ts';
import { count, linkField, resource } from '../fields.ts';
import { body, type OwnRow } from '../kind.ts';
import { backendServices } from './backendServices.ts';
import { instanceGroupManagers } from './instanceGroupManagers.ts';
import { instances } from './instances.ts';

/** Unmanaged instance groups: the masters of one zone. */
export const instanceGroups = {
  client: 'instanceGroups',
  one: 'instanceGroup',
  scope: 'zone',
  aggregated: 'instanceGroups',
  schema: resource({ network: linkField, subnetwork: linkField, size: count }),
  actions: {
    addInstances: { name: 'instanceGroup', body: 'instanceGroupsAddInstancesRequestResource' },
    removeInstances: { name: 'instanceGroup', body: 'instanceGroupsRemoveInstancesRequestResource' },
  },
  noun: 'instance group',
  gcloud: 'instance-groups unmanaged',
  group: 'Load balancer',
  billed: false,
  goesAfter: [instanceGroupManagers, instances, backendServices],
  owns: (cluster) => fixed(names(cluster).masterGroup),
  body: body<google.cloud.compute.v1.IInstanceGroup>(),
} as const satisfies OwnRow;
