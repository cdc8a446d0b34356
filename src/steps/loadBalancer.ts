import type { StepId } from '../engine/step.ts';
import type { Resources } from '../gce/resources.ts';
import type { Cluster } from '../model/cluster.ts';
import { link } from '../model/links.ts';
import { markerDescription, markerLabels } from '../model/marker.ts';
import { createLine, ensure } from './resource.ts';
import type { After, CloudStep } from './world.ts';

type Scheme = 'EXTERNAL' | 'INTERNAL';

/** Every 5 s; two failures take a master out, one success in (measured in the lab: steady 4–6 s after a power cut). */
export const ensureHealthCheck = (c: Cluster, after: After): CloudStep<Resources['healthChecks']> => {
  const ref = { kind: 'healthChecks', name: c.names.healthCheck, region: c.region } as const;
  return ensure({
    id: `health-check:${ref.name}`,
    title: 'Create health check',
    after,
    ref,
    owner: c,
    expectedMs: 5000,
    timeoutMs: 300_000,
    detail: 'https /readyz on 443 every 5 s',
    gcloud: `gcloud compute health-checks create https ${ref.name} --region=${c.region} --port=443 --request-path=/readyz --check-interval=5 --timeout=3 --healthy-threshold=1 --unhealthy-threshold=2`,
    body: () => ({
      name: ref.name,
      type: 'HTTPS',
      checkIntervalSec: 5,
      timeoutSec: 3,
      healthyThreshold: 1,
      unhealthyThreshold: 2,
      httpsHealthCheck: { port: 443, requestPath: '/readyz' },
      description: markerDescription(c),
    }),
  });
};

/** The masters' group of one zone. It names its network because an empty group without one cannot be a backend. */
export const ensureMasterGroup = (c: Cluster, zone: string, after: After): CloudStep<Resources['instanceGroups']> => {
  const ref = { kind: 'instanceGroups', name: c.names.masterGroup, zone } as const;
  return ensure({
    id: `group:${zone}/${ref.name}`,
    title: `Create masters' group in ${zone}`,
    after,
    ref,
    owner: c,
    expectedMs: 5000,
    timeoutMs: 300_000,
    gcloud: createLine(ref, ''),
    body: () => ({
      name: ref.name,
      network: link(c.project, 'networks', {}, c.names.network),
      description: markerDescription(c),
    }),
  });
};

/** Regional passthrough backend service over the masters' groups; clients of a dead master are let go at once. */
export const ensureBackendService = (
  c: Cluster,
  scheme: Scheme,
  zone: string,
  after: After,
): CloudStep<Resources['backendServices']> => {
  const name = scheme === 'EXTERNAL' ? c.names.externalLb : c.names.internalLb;
  const ref = { kind: 'backendServices', name, region: c.region } as const;
  return ensure({
    id: `backend-service:${name}`,
    title: `Create ${scheme.toLowerCase()} backend service`,
    after,
    ref,
    owner: c,
    expectedMs: 8000,
    timeoutMs: 300_000,
    gcloud: createLine(
      ref,
      `--load-balancing-scheme=${scheme} --protocol=TCP --health-checks=${c.names.healthCheck} --health-checks-region=${c.region}`,
    ),
    body: () => ({
      name,
      loadBalancingScheme: scheme,
      protocol: 'TCP',
      ...(scheme === 'INTERNAL' ? { network: link(c.project, 'networks', {}, c.names.network) } : {}),
      healthChecks: [link(c.project, 'healthChecks', { region: c.region }, c.names.healthCheck)],
      backends: [
        { group: link(c.project, 'instanceGroups', { zone }, c.names.masterGroup), balancingMode: 'CONNECTION' },
      ],
      connectionTrackingPolicy: { connectionPersistenceOnUnhealthyBackends: 'NEVER_PERSIST' },
      connectionDraining: { drainingTimeoutSec: 30 },
      description: markerDescription(c),
    }),
  });
};

/** The rule that ties an address to its backend service on 443 (passthrough does not translate ports). */
export const ensureForwardingRule = (
  c: Cluster,
  scheme: Scheme,
  address: CloudStep<Resources['addresses']>,
  after: After,
): CloudStep<Resources['forwardingRules']> => {
  const name = scheme === 'EXTERNAL' ? c.names.externalLb : c.names.internalLb;
  const addressName = scheme === 'EXTERNAL' ? c.names.rootAddress : c.names.internalAddress;
  const ref = { kind: 'forwardingRules', name, region: c.region } as const;
  const id: StepId = `forwarding-rule:${name}`;
  return ensure({
    id,
    title: `Create ${scheme.toLowerCase()} forwarding rule`,
    after: [address, ...after],
    ref,
    owner: c,
    risk: 'billing',
    expectedMs: 10_000,
    timeoutMs: 20 * 60_000,
    gcloud: createLine(
      ref,
      `--load-balancing-scheme=${scheme} --ports=443 --address=${addressName} --backend-service=${name}`,
    ),
    body: (ctx) => ({
      name,
      loadBalancingScheme: scheme,
      IPProtocol: 'TCP',
      ports: ['443'],
      IPAddress: ctx.out(address).address,
      backendService: link(c.project, 'backendServices', { region: c.region }, name),
      ...(scheme === 'INTERNAL'
        ? {
            network: link(c.project, 'networks', {}, c.names.network),
            subnetwork: link(c.project, 'subnetworks', { region: c.region }, c.names.subnet),
          }
        : {}),
      description: markerDescription(c),
    }),
    labels: markerLabels(c, 'lb'),
  });
};
