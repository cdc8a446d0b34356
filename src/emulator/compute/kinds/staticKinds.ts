import { type Cloud, projectNumber } from '../../cloud.ts';
import { publicImages, type PublicImage } from '../../data/images.ts';
import { type MachineType, machineTypeCatalog } from '../../data/machineTypes.ts';
import { regionNames, zoneNames, zonesOf } from '../../data/zones.ts';
import { notFound } from '../../http/apiError.ts';
import type { ApiCall, Handler } from '../call.ts';
import { aggregatedAnswer, listAnswer } from '../lists.ts';
import { linkOf, longPath, regionOfZone } from '../paths.ts';
import { quotaUsage } from '../quota.ts';

// An arbitrary instant before the project: these resources are as old as the platform.
const born = '1969-12-31T16:00:00.000-08:00';

const stableId = (text: string): string =>
  String(Buffer.from(text).reduce((sum, byte) => (sum * 131 + byte) % 9_007_199_254, 7)).padStart(4, '1');

const zone = (cloud: Cloud, name: string): object => ({
  kind: 'compute#zone',
  id: stableId(name),
  creationTimestamp: born,
  name,
  description: name,
  status: cloud.faults.isDown(name) ? 'DOWN' : 'UP',
  region: linkOf(cloud.project, `regions/${regionOfZone(name)}`),
  availableCpuPlatforms: ['Intel Broadwell', 'Intel Skylake', 'AMD Rome'],
  selfLink: linkOf(cloud.project, `zones/${name}`),
});

const region = (cloud: Cloud, name: string): object => ({
  kind: 'compute#region',
  id: stableId(name),
  creationTimestamp: born,
  name,
  description: name,
  status: 'UP',
  zones: zonesOf(name).map((z) => linkOf(cloud.project, `zones/${z}`)),
  quotas: quotas(cloud, 'region', name),
  selfLink: linkOf(cloud.project, `regions/${name}`),
});

const quotas = (cloud: Cloud, which: 'region' | 'project', regionName?: string): object[] =>
  Object.entries(cloud.quotas[which]).map(([metric, limit]) => ({
    metric,
    limit,
    usage: quotaUsage(cloud, metric, regionName),
  }));

const machineType = (cloud: Cloud, zoneName: string, type: MachineType): object => ({
  kind: 'compute#machineType',
  id: stableId(type.name),
  creationTimestamp: born,
  name: type.name,
  description: `${type.cpus} vCPUs, ${type.memoryMb / 1024} GB RAM`,
  guestCpus: type.cpus,
  memoryMb: type.memoryMb,
  imageSpaceGb: 0,
  maximumPersistentDisks: 128,
  maximumPersistentDisksSizeGb: '263168',
  zone: zoneName,
  isSharedCpu: type.shared,
  architecture: 'X86_64',
  selfLink: linkOf(cloud.project, `zones/${zoneName}/machineTypes/${type.name}`),
});

const image = (found: PublicImage): object => ({
  kind: 'compute#image',
  id: found.id,
  creationTimestamp: born,
  name: found.name,
  description: found.description,
  family: found.family,
  status: 'READY',
  sourceType: 'RAW',
  diskSizeGb: found.diskSizeGb,
  archiveSizeBytes: '1073741824',
  architecture: 'X86_64',
  guestOsFeatures: ['UEFI_COMPATIBLE', 'VIRTIO_SCSI_MULTIQUEUE', 'GVNIC'].map((type) => ({ type })),
  labelFingerprint: '42WmSpB8rSM=',
  selfLink: linkOf(found.project, `global/images/${found.name}`),
});

const project = (cloud: Cloud): object => ({
  kind: 'compute#project',
  id: projectNumber,
  name: cloud.project,
  creationTimestamp: born,
  commonInstanceMetadata: { kind: 'compute#metadata', fingerprint: 'LS7iMiMOhgg=' },
  quotas: quotas(cloud, 'project'),
  defaultServiceAccount: `${projectNumber}-compute@developer.gserviceaccount.com`,
  xpnProjectStatus: 'UNSPECIFIED_XPN_PROJECT_STATUS',
  defaultNetworkTier: 'PREMIUM',
  vmDnsSetting: 'ZONAL_ONLY',
  selfLink: linkOf(cloud.project, ''),
});

const imagesOf = (call: ApiCall): PublicImage[] => publicImages.filter((i) => i.project === call.params.project);

const oneImage = (call: ApiCall, wanted: (image: PublicImage) => boolean, path: string): object => {
  const found = imagesOf(call).find(wanted);
  if (found === undefined) throw notFound(longPath(call.params.project ?? '', path));
  return image(found);
};

const machineTypeOf = (cloud: Cloud, call: ApiCall): object => {
  const { zone: zoneName = '', machineType: name = '' } = call.params;
  const type = machineTypeCatalog.find((t) => t.name === name);
  if (type === undefined) throw notFound(longPath(cloud.project, `zones/${zoneName}/machineTypes/${name}`));
  return machineType(cloud, zoneName, type);
};

const familyPath = (call: ApiCall): string => `global/images/family/${call.params.family ?? ''}`;

// No group here is autoscaled, but gcloud lists autoscalers before it shows or changes a managed group.
const noAutoscalers = (cloud: Cloud, { params, query }: ApiCall): unknown =>
  listAnswer('compute#autoscalerList', linkOf(cloud.project, `zones/${params.zone ?? ''}/autoscalers`), [], query);

const noAutoscalersAnywhere = (cloud: Cloud, { query }: ApiCall): unknown => {
  const scopes = zoneNames.map((z) => `zones/${z}`);
  const link = linkOf(cloud.project, 'aggregated/autoscalers');
  return aggregatedAnswer('compute#autoscalerAggregatedList', link, 'autoscalers', scopes, [], query);
};

/** Read-only kinds, which Google's platform provides. */
export const staticMethods: readonly [string, Handler][] = [
  ['Projects.Get', (cloud) => project(cloud)],
  ['Zones.Get', (cloud, call) => zone(cloud, call.params.zone ?? '')],
  [
    'Zones.List',
    (cloud, { query }) =>
      listAnswer(
        'compute#zoneList',
        linkOf(cloud.project, 'zones'),
        zoneNames.map((z) => zone(cloud, z)),
        query,
      ),
  ],
  ['Regions.Get', (cloud, call) => region(cloud, call.params.region ?? '')],
  [
    'Regions.List',
    (cloud, { query }) =>
      listAnswer(
        'compute#regionList',
        linkOf(cloud.project, 'regions'),
        regionNames.map((r) => region(cloud, r)),
        query,
      ),
  ],
  ['MachineTypes.Get', machineTypeOf],
  [
    'MachineTypes.List',
    (cloud, { params, query }) => {
      const at = params.zone ?? '';
      const items = machineTypeCatalog.map((t) => machineType(cloud, at, t));
      return listAnswer('compute#machineTypeList', linkOf(cloud.project, `zones/${at}/machineTypes`), items, query);
    },
  ],
  [
    'MachineTypes.AggregatedList',
    (cloud, { query }) => {
      const scopes = zoneNames.map((z) => `zones/${z}`);
      const items = zoneNames.flatMap((text) =>
        machineTypeCatalog.map((t) => ({ scope: `zones/${text}`, item: machineType(cloud, text, t) })),
      );
      const link = linkOf(cloud.project, 'aggregated/machineTypes');
      return aggregatedAnswer('compute#machineTypeAggregatedList', link, 'machineTypes', scopes, items, query);
    },
  ],
  ['Autoscalers.List', noAutoscalers],
  ['Autoscalers.AggregatedList', noAutoscalersAnywhere],
  [
    'Images.Get',
    (_cloud, call) => oneImage(call, (i) => i.name === call.params.image, `global/images/${call.params.image ?? ''}`),
  ],
  ['Images.GetFromFamily', (_cloud, call) => oneImage(call, (i) => i.family === call.params.family, familyPath(call))],
  [
    'Images.List',
    (_cloud, call) =>
      listAnswer(
        'compute#imageList',
        linkOf(call.params.project ?? '', 'global/images'),
        imagesOf(call).map(image),
        call.query,
      ),
  ],
  [
    'ImageFamilyViews.Get',
    (_cloud, call) => ({ image: oneImage(call, (i) => i.family === call.params.family, familyPath(call)) }),
  ],
];
