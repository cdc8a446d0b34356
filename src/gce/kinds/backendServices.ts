import type { google } from '@google-cloud/compute/build/protos/protos.js';
import * as v from 'valibot';
import { fixed, names } from '../../model/names.ts';
import { linkField, links, listOf, resource, textField } from '../fields.ts';
import { body, patch, type OwnRow } from '../kind.ts';
import { forwardingRules } from './forwardingRules.ts';

const owns = (cluster: string): RegExp => {
  const { externalLb, internalLb } = names(cluster);
  return fixed(externalLb, internalLb);
};

/** Backend services of the masters' load balancers. */
export const backendServices = {
  client: 'regionBackendServices',
  one: 'backendService',
  scope: 'region',
  aggregated: 'backendServices',
  schema: resource(
    {
      scheme: textField,
      protocol: textField,
      sessionAffinity: textField,
      network: linkField,
      backends: listOf(v.object({ group: linkField, balancingMode: textField })),
      healthChecks: links,
      fingerprint: textField,
    },
    { scheme: 'loadBalancingScheme' },
  ),
  actions: { patch: patch('backendService') },
  noun: 'backend service',
  gcloud: 'backend-services',
  group: 'Load balancer',
  billed: false,
  goesAfter: [forwardingRules],
  owns,
  body: body<google.cloud.compute.v1.IBackendService>(),
} as const satisfies OwnRow;
