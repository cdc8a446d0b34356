import type { google } from '@google-cloud/compute/build/protos/protos.js';
import { fixed, names } from '../../model/names.ts';
import { booleanField, links, resource } from '../fields.ts';
import { body, type OwnRow } from '../kind.ts';
import { backendServices } from './backendServices.ts';
import { firewalls } from './firewalls.ts';
import { instanceGroups } from './instanceGroups.ts';
import { subnetworks } from './subnetworks.ts';

/** Networks. */
export const networks = {
  client: 'networks',
  one: 'network',
  scope: 'global',
  schema: resource({ autoCreateSubnetworks: booleanField, subnetworks: links }),
  noun: 'network',
  gcloud: 'networks',
  group: 'Network',
  billed: false,
  goesAfter: [subnetworks, firewalls, instanceGroups, backendServices],
  owns: (cluster) => fixed(names(cluster).network),
  body: body<google.cloud.compute.v1.INetwork>(),
} as const satisfies OwnRow;
