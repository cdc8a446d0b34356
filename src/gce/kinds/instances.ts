import type { google } from '@google-cloud/compute/build/protos/protos.js';
import * as v from 'valibot';
import { either, masterPattern, nodePattern } from '../../model/names.ts';
import {
  firstServiceAccount,
  booleanField,
  linkField,
  listOf,
  metadata,
  resource,
  short,
  tags,
  textField,
  textMap,
} from '../fields.ts';
import { body, setLabels, type OwnRow } from '../kind.ts';
import { instanceGroupManagers } from './instanceGroupManagers.ts';

const interfaces = listOf(
  v.object({
    networkIP: textField,
    network: linkField,
    subnetwork: linkField,
    accessConfigs: listOf(v.object({ natIP: textField })),
    aliasIpRanges: listOf(v.object({ ipCidrRange: textField, subnetworkRangeName: textField })),
  }),
);
const firstInterface = <T>(pick: (nic: v.InferOutput<typeof interfaces>[number] | undefined) => T) =>
  v.pipe(
    interfaces,
    v.transform((nics) => pick(nics[0])),
  );

const machine = resource(
  {
    id: textField,
    status: textField,
    statusMessage: textField,
    lastStartTimestamp: textField,
    machineType: short,
    labels: textMap,
    labelFingerprint: textField,
    tags,
    internalIp: firstInterface((nic) => nic?.networkIP ?? ''),
    externalIp: firstInterface((nic) => nic?.accessConfigs[0]?.natIP ?? ''),
    network: firstInterface((nic) => nic?.network ?? ''),
    subnetwork: firstInterface((nic) => nic?.subnetwork ?? ''),
    aliasRanges: firstInterface((nic) =>
      (nic?.aliasIpRanges ?? []).map((r) => ({ cidr: r.ipCidrRange, rangeName: r.subnetworkRangeName })),
    ),
    disks: listOf(v.object({ source: linkField, deviceName: textField, boot: booleanField, autoDelete: booleanField })),
    metadata,
    serviceAccount: firstServiceAccount,
    deletionProtection: booleanField,
  },
  {
    internalIp: 'networkInterfaces',
    externalIp: 'networkInterfaces',
    network: 'networkInterfaces',
    subnetwork: 'networkInterfaces',
    aliasRanges: 'networkInterfaces',
    serviceAccount: 'serviceAccounts',
  },
);

// All fields that we read except metadata: it contains each instance's startup script, 25 KB that no list needs.
const listed =
  'id,name,description,selfLink,zone,creationTimestamp,status,statusMessage,lastStartTimestamp,machineType,labels,labelFingerprint,tags/items,' +
  'networkInterfaces(network,subnetwork,networkIP,accessConfigs/natIP,aliasIpRanges),' +
  'disks(source,deviceName,boot,autoDelete),serviceAccounts/email,deletionProtection';

/** Instances: masters, and the nodes created by pools. */
export const instances = {
  client: 'instances',
  one: 'instance',
  scope: 'zone',
  aggregated: 'instances',
  fields: listed,
  schema: machine,
  actions: {
    setLabels: setLabels('instances'),
    setDeletionProtection: { name: 'resource' },
    reset: { name: 'instance' },
    start: { name: 'instance' },
    stop: { name: 'instance' },
  },
  noun: 'instance',
  gcloud: 'instances',
  group: 'Masters',
  billed: true,
  goesAfter: [instanceGroupManagers],
  owns: (cluster) => either(masterPattern(cluster), nodePattern(cluster)),
  body: body<google.cloud.compute.v1.IInstance>(),
} as const satisfies OwnRow;
