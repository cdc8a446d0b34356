import type { google } from '@google-cloud/compute/build/protos/protos.js';
import * as v from 'valibot';
import { count, counts, flag, instant, link, links, listOf, metadata } from './fields.ts';
import { quotas, scope, short, tags, text, textMap, texts } from './fields.ts';
import { linkName } from '../model/links.ts';

const base = { name: v.string(), selfLink: link, description: text, zone: scope, region: scope, created: instant };

/**
 * A narrow view of one kind: `own` are its fields, `sources` says where a field comes from when the API calls it otherwise.
 * Everything else that Google sends is dropped.
 */
const resource = <const E extends v.ObjectEntries>(own: E, sources: { readonly [F in keyof E]?: string } = {}) =>
  v.pipe(
    v.record(v.string(), v.unknown()),
    v.transform((raw): Record<string, unknown> => {
      const moved = Object.entries<string | undefined>({ ...sources, created: 'creationTimestamp' });
      return { ...raw, ...Object.fromEntries(moved.map(([field, source]) => [field, raw[source ?? field]])) };
    }),
    v.object({ ...base, ...own }),
  );

const interfaces = listOf(
  v.object({
    networkIP: text,
    network: link,
    subnetwork: link,
    accessConfigs: listOf(v.object({ natIP: text })),
    aliasIpRanges: listOf(v.object({ ipCidrRange: text, subnetworkRangeName: text })),
  }),
);
const firstInterface = <T>(pick: (nic: v.InferOutput<typeof interfaces>[number] | undefined) => T) =>
  v.pipe(
    interfaces,
    v.transform((nics) => pick(nics[0])),
  );

const attachedDisks = listOf(v.object({ source: link, deviceName: text, boot: flag, autoDelete: flag }));
const firstServiceAccount = v.pipe(
  listOf(v.object({ email: text })),
  v.transform((all) => all[0]?.email ?? ''),
);

const bootDisk = v.pipe(
  listOf(v.object({ boot: flag, initializeParams: v.nullish(v.object({ diskType: short, diskSizeGb: count })) })),
  v.transform((all) => {
    const made = (all.find((d) => d.boot) ?? all[0])?.initializeParams;
    return { type: made?.diskType ?? '', sizeGb: made?.diskSizeGb ?? 0 };
  }),
);

const probe = v.nullish(v.object({ port: count, requestPath: text }));

const healthCheck = v.pipe(
  resource({
    type: text,
    checkIntervalSec: count,
    timeoutSec: count,
    healthyThreshold: count,
    unhealthyThreshold: count,
    httpsHealthCheck: probe,
    httpHealthCheck: probe,
    tcpHealthCheck: probe,
  }),
  v.transform(({ httpsHealthCheck, httpHealthCheck, tcpHealthCheck, ...rest }) => {
    const used = httpsHealthCheck ?? httpHealthCheck ?? tcpHealthCheck;
    return { ...rest, port: used?.port ?? 0, requestPath: used?.requestPath ?? '' };
  }),
);

const template = v.pipe(
  resource({
    properties: v.object({
      description: text,
      labels: textMap,
      machineType: short,
      metadata,
      tags,
      serviceAccounts: firstServiceAccount,
      disks: bootDisk,
      scheduling: v.nullish(v.object({ provisioningModel: text })),
    }),
  }),
  v.transform(({ properties, ...rest }) => {
    const { description, serviceAccounts, disks, scheduling, ...own } = properties;
    const more = { instanceDescription: description, serviceAccount: serviceAccounts };
    return { ...rest, ...own, ...more, bootDisk: disks, spot: scheduling?.provisioningModel === 'SPOT' };
  }),
);

/**
 * Reading side: what an answer of Google must look like and what of it we keep. References are `projects/…` links (compare
 * and send them as they are); zone, region, machineType and disk type are bare names; absent text is '', absent labels are {}.
 */
export const schemas = {
  networks: resource({ autoCreateSubnetworks: flag, subnetworks: links }),
  subnetworks: resource(
    {
      network: link,
      ipCidrRange: text,
      secondaryRanges: listOf(
        v.pipe(
          v.object({ rangeName: text, ipCidrRange: text }),
          v.transform((r) => ({ name: r.rangeName, cidr: r.ipCidrRange })),
        ),
      ),
      privateIpGoogleAccess: flag,
    },
    { secondaryRanges: 'secondaryIpRanges' },
  ),
  firewalls: resource({
    network: link,
    direction: text,
    disabled: flag,
    priority: count,
    sourceRanges: texts,
    sourceTags: texts,
    targetTags: texts,
    allowed: listOf(
      v.pipe(
        v.object({ IPProtocol: text, ports: texts }),
        v.transform((a) => ({ protocol: a.IPProtocol, ports: a.ports })),
      ),
    ),
  }),
  routes: resource({
    network: link,
    destRange: text,
    priority: count,
    tags: texts,
    nextHopGateway: link,
    nextHopInstance: link,
    nextHopIp: text,
    nextHopNetwork: link,
  }),
  addresses: resource({
    address: text,
    status: text,
    addressType: text,
    users: links,
    labels: textMap,
    labelFingerprint: text,
    network: link,
    subnetwork: link,
  }),
  disks: resource({ status: text, sizeGb: count, type: short, users: links, labels: textMap, labelFingerprint: text }),
  instances: resource(
    {
      id: text,
      status: text,
      statusMessage: text,
      lastStartTimestamp: text,
      machineType: short,
      labels: textMap,
      labelFingerprint: text,
      tags,
      internalIp: firstInterface((nic) => nic?.networkIP ?? ''),
      externalIp: firstInterface((nic) => nic?.accessConfigs[0]?.natIP ?? ''),
      network: firstInterface((nic) => nic?.network ?? ''),
      subnetwork: firstInterface((nic) => nic?.subnetwork ?? ''),
      aliasRanges: firstInterface((nic) =>
        (nic?.aliasIpRanges ?? []).map((r) => ({ cidr: r.ipCidrRange, rangeName: r.subnetworkRangeName })),
      ),
      disks: attachedDisks,
      metadata,
      serviceAccount: firstServiceAccount,
      deletionProtection: flag,
    },
    {
      internalIp: 'networkInterfaces',
      externalIp: 'networkInterfaces',
      network: 'networkInterfaces',
      subnetwork: 'networkInterfaces',
      aliasRanges: 'networkInterfaces',
      serviceAccount: 'serviceAccounts',
    },
  ),
  instanceTemplates: template,
  instanceGroups: resource({ network: link, subnetwork: link, size: count }),
  instanceGroupManagers: resource(
    {
      template: link,
      targetSize: count,
      baseInstanceName: text,
      instanceGroup: link,
      stable: v.pipe(
        v.nullish(v.object({ isStable: flag })),
        v.transform((s) => s?.isStable ?? false),
      ),
      currentActions: counts,
      fingerprint: text,
    },
    { template: 'instanceTemplate', stable: 'status' },
  ),
  healthChecks: healthCheck,
  backendServices: resource(
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
  forwardingRules: resource(
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
  targetPools: resource({ instances: links, healthChecks: links }),
  httpHealthChecks: resource({ port: count, requestPath: text }),
  machineTypes: resource({ guestCpus: count, memoryMb: count }),
  images: resource({ family: text, status: text, diskSizeGb: count }),
  zones: resource({ status: text }),
  regions: resource({
    status: text,
    quotas,
    zones: v.pipe(
      links,
      v.transform((all) => all.map(linkName)),
    ),
  }),
  projects: resource({ quotas, defaultServiceAccount: text }),
} as const;

/** Kind (by its name in the REST API) → what we keep of such a resource. */
export type Resources = { [K in keyof typeof schemas]: v.InferOutput<(typeof schemas)[K]> };

/** Kind → body of its insert, in the client library's own types: a misspelt field does not compile (the client would drop it). */
export interface Bodies {
  readonly networks: google.cloud.compute.v1.INetwork;
  readonly subnetworks: google.cloud.compute.v1.ISubnetwork;
  readonly firewalls: google.cloud.compute.v1.IFirewall;
  readonly addresses: google.cloud.compute.v1.IAddress;
  readonly disks: google.cloud.compute.v1.IDisk;
  readonly instances: google.cloud.compute.v1.IInstance;
  readonly instanceTemplates: google.cloud.compute.v1.IInstanceTemplate;
  readonly instanceGroups: google.cloud.compute.v1.IInstanceGroup;
  readonly instanceGroupManagers: google.cloud.compute.v1.IInstanceGroupManager;
  readonly healthChecks: google.cloud.compute.v1.IHealthCheck;
  readonly backendServices: google.cloud.compute.v1.IBackendService;
  readonly forwardingRules: google.cloud.compute.v1.IForwardingRule;
}
