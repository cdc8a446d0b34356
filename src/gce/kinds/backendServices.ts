import type { google } from '@google-cloud/compute/build/protos/protos.js';
import * as v from 'valibot';
import { fixed, names } from '../../model/names.ts';
import { link, links, listOf, resource, text } from '../fields.ts';
import { body, patch, type OwnRow } from '../kind.ts';
import { forwardingRules } from './forwardingRules.ts';

const owns = (cluster: string): RegExp => {
  const { externalLb, internalLb } = names(cluster);
  return fixed(externalLb, internalLb);
};

/** Load balancers of the masters. */
export const backendServices = {
  client: 'regionBackendServices',
  one: 'backendService',
  scope: 'region',
  aggregated: 'backendServices',
  schema: resource(
    {
      scheme: text,
      protocol: text,
      sessionAffinity: text,
      network: link,
      backends: listOf(v.object({ group: link, balancingMode: text })),
      healthChecks: links,
      fingerprint: text,
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
