import type { Cloud } from '../cloud.ts';
import { machineTypeCatalog } from '../data/machineTypes.ts';
import { ApiError } from '../http/apiError.ts';
import { resources } from './catalog.ts';
import { partsOf, regionOfZone, type Scope } from './paths.ts';
import type { Address, Disk, Instance } from './resources.ts';

/** Quota metric that a new resource counts against. */
export interface QuotaUse {
  readonly metric: string;
  readonly scope: 'project' | 'region';
}

/** Refuses a request that would exceed a limit, with 403. */
export const enforceQuota = (cloud: Cloud, use: QuotaUse, scope: Scope, more: number): void => {
  const region = scope.region ?? (scope.zone === undefined ? undefined : regionOfZone(scope.zone));
  const limit = cloud.quotas[use.scope][use.metric];
  if (limit === undefined) return;
  if (quotaUsage(cloud, use.metric, use.scope === 'region' ? region : undefined) + more <= limit) return;
  throw quotaExceeded(use.metric, limit, use.scope === 'region' ? region : undefined);
};

/** Exceeded quota, in the request's form. */
export const quotaExceeded = (metric: string, limit: number, region?: string): ApiError =>
  new ApiError(
    403,
    'quotaExceeded',
    `Quota '${metric}' exceeded.  Limit: ${limit.toFixed(1)} ${region === undefined ? 'globally' : `in region ${region}`}.`,
    { domain: 'usageLimits' },
  );

const collections: Readonly<Record<string, string>> = {
  NETWORKS: 'networks',
  SUBNETWORKS: 'subnetworks',
  FIREWALLS: 'firewalls',
  FORWARDING_RULES: 'forwardingRules',
  HEALTH_CHECKS: 'healthChecks',
  BACKEND_SERVICES: 'backendServices',
  INSTANCE_TEMPLATES: 'instanceTemplates',
  INSTANCES: 'instances',
  INSTANCE_GROUPS: 'instanceGroups',
  INSTANCE_GROUP_MANAGERS: 'instanceGroupManagers',
};

/** Usage of a quota, in a region or in the whole project. */
export const quotaUsage = (cloud: Cloud, metric: string, region?: string): number => {
  const collection = collections[metric];
  if (collection !== undefined) return within(cloud, collection, region).length;
  const count = measures[metric];
  return count === undefined ? 0 : count(cloud, region);
};

const within = <T>(cloud: Cloud, collection: string, region: string | undefined): T[] =>
  resources(cloud, collection)
    .filter(({ path }) => region === undefined || inRegion(path, region))
    .map(({ resource }) => resource as T);

const inRegion = (path: string, region: string): boolean => {
  const { scope } = partsOf(path);
  return scope.region === region || (scope.zone !== undefined && regionOfZone(scope.zone) === region);
};

const instances = (cloud: Cloud, region: string | undefined): Instance[] => within(cloud, 'instances', region);

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

const measures: Readonly<Record<string, (cloud: Cloud, region: string | undefined) => number>> = {
  CPUS: (cloud, region) =>
    sum(instances(cloud, region).map((i) => (i.status === 'TERMINATED' ? 0 : cpusOf(i.machineType)))),
  SSD_TOTAL_GB: (cloud, region) => diskGb(cloud, region, (type) => type.includes('ssd')),
  DISKS_TOTAL_GB: (cloud, region) => diskGb(cloud, region, (type) => !type.includes('ssd')),
  STATIC_ADDRESSES: (cloud, region) =>
    within<Address>(cloud, 'addresses', region).filter((a) => a.addressType === 'EXTERNAL').length,
  IN_USE_ADDRESSES: (cloud, region) =>
    instances(cloud, region).filter((i) => i.networkInterfaces.some((n) => (n.accessConfigs ?? []).length > 0)).length,
};

/** CPUs of a machine type, by its name or link. */
export const cpusOf = (machineType: string): number =>
  machineTypeCatalog.find((t) => t.name === machineType.split('/').at(-1))?.cpus ?? 0;

const diskGb = (cloud: Cloud, region: string | undefined, wanted: (type: string) => boolean): number =>
  sum(within<Disk>(cloud, 'disks', region).map((d) => (wanted(d.type) ? Number(d.sizeGb) : 0)));
