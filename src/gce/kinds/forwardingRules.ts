import type { google } from '@google-cloud/compute/build/protos/protos.js';
import { fixed, names } from '../../model/names.ts';
import { link, resource, text, textMap, texts } from '../fields.ts';
import { body, setLabels, type OwnRow } from '../kind.ts';
import { instanceGroupManagers } from './instanceGroupManagers.ts';
import { instances } from './instances.ts';

const owns = (cluster: string): RegExp => {
  const { externalLb, internalLb } = names(cluster);
  return fixed(externalLb, internalLb);
};

/** The way in to a backend service, or to a target pool of Kubernetes. */
export const forwardingRules = {
  client: 'forwardingRules',
  one: 'forwardingRule',
  scope: 'region',
  aggregated: 'forwardingRules',
  schema: resource(
    {
      ipAddress: link,
      protocol: text,
      backendService: link,
      ports: texts,
      portRange: text,
      scheme: text,
      labels: textMap,
      labelFingerprint: text,
      network: link,
      subnetwork: link,
      target: link,
    },
    { ipAddress: 'IPAddress', protocol: 'IPProtocol', scheme: 'loadBalancingScheme' },
  ),
  actions: { setLabels: setLabels('region') },
  noun: 'forwarding rule',
  gcloud: 'forwarding-rules',
  group: 'Load balancer',
  billed: true,
  goesAfter: [instanceGroupManagers, instances],
  owns,
  body: body<google.cloud.compute.v1.IForwardingRule>(),
} as const satisfies OwnRow;
