import type { google } from '@google-cloud/compute/build/protos/protos.js';
import { fixed, names } from '../../model/names.ts';
import { linkField, resource, textField, textMap, texts } from '../fields.ts';
import { body, setLabels, type OwnRow } from '../kind.ts';
import { instanceGroupManagers } from './instanceGroupManagers.ts';
import { instances } from './instances.ts';

const owns = (cluster: string): RegExp => {
  const { externalLb, internalLb } = names(cluster);
  return fixed(externalLb, internalLb);
};

/** Forwarding rules to a backend service, or to a target pool of Kubernetes. */
export const forwardingRules = {
  client: 'forwardingRules',
  one: 'forwardingRule',
  scope: 'region',
  aggregated: 'forwardingRules',
  schema: resource(
    {
      ipAddress: linkField,
      protocol: textField,
      backendService: linkField,
      ports: texts,
      portRange: textField,
      scheme: textField,
      labels: textMap,
      labelFingerprint: textField,
      network: linkField,
      subnetwork: linkField,
      target: linkField,
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
