import type { google } from '@google-cloud/compute/build/protos/protos.js';
import * as v from 'valibot';
import { fixed, names } from '../../model/names.ts';
import { booleanField, linkField, listOf, resource, textField } from '../fields.ts';
import { body, type OwnRow } from '../kind.ts';
import { addresses } from './addresses.ts';
import { forwardingRules } from './forwardingRules.ts';
import { instanceGroupManagers } from './instanceGroupManagers.ts';
import { instances } from './instances.ts';

/** Subnets: a network's part in one region. */
export const subnetworks = {
  client: 'subnetworks',
  one: 'subnetwork',
  scope: 'region',
  aggregated: 'subnetworks',
  schema: resource(
    {
      network: linkField,
      ipCidrRange: textField,
      secondaryRanges: listOf(
        v.pipe(
          v.object({ rangeName: textField, ipCidrRange: textField }),
          v.transform((r) => ({ name: r.rangeName, cidr: r.ipCidrRange })),
        ),
      ),
      privateIpGoogleAccess: booleanField,
    },
    { secondaryRanges: 'secondaryIpRanges' },
  ),
  noun: 'subnet',
  gcloud: 'networks subnets',
  group: 'Network',
  billed: false,
  goesAfter: [instanceGroupManagers, instances, addresses, forwardingRules],
  owns: (cluster) => fixed(names(cluster).subnet),
  body: body<google.cloud.compute.v1.ISubnetwork>(),
} as const satisfies OwnRow;
