import type { google } from '@google-cloud/compute/build/protos/protos.js';
import { either, fixed, masterAddressPattern, names } from '../../model/names.ts';
import { linkField, links, resource, textField, textMap } from '../fields.ts';
import { body, setLabels, type OwnRow } from '../kind.ts';
import { forwardingRules } from './forwardingRules.ts';
import { instanceGroupManagers } from './instanceGroupManagers.ts';
import { instances } from './instances.ts';

const owns = (cluster: string): RegExp => {
  const { rootAddress, internalAddress } = names(cluster);
  return either(masterAddressPattern(cluster), fixed(rootAddress, internalAddress));
};

/** Addresses of the API and of masters; one of them is the root record, which is deleted last. */
export const addresses = {
  client: 'addresses',
  one: 'address',
  scope: 'region',
  aggregated: 'addresses',
  schema: resource({
    address: textField,
    status: textField,
    addressType: textField,
    users: links,
    labels: textMap,
    labelFingerprint: textField,
    network: linkField,
    subnetwork: linkField,
  }),
  actions: { setLabels: setLabels('region') },
  noun: 'address',
  gcloud: 'addresses',
  group: 'Network',
  billed: true,
  goesAfter: [instanceGroupManagers, instances, forwardingRules],
  owns,
  body: body<google.cloud.compute.v1.IAddress>(),
} as const satisfies OwnRow;
