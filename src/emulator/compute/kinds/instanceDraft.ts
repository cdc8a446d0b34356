import { type Cloud, labelsFingerprint, newFingerprint, newId, timestamp } from '../../cloud.ts';
import { machineTypeCatalog } from '../../data/machineTypes.ts';
import { alreadyExists, inUse, invalidField, invalidValue, notFound } from '../../http/apiError.ts';
import { defaultAccount } from '../../services/accounts.ts';
import { type ApiCall, textOf } from '../call.ts';
import { find, referrers, save } from '../catalog.ts';
import { linkOf, longPath, partsOf, pathFromField, pathOf, type Scope } from '../paths.ts';
import type { AttachedDisk, Disk, Instance, Metadata } from '../resources.ts';
import { diskFields, type NewDisk } from './disks.ts';
import { draftInterface } from './interfaces.ts';

interface DiskRequest {
  readonly source?: string;
  readonly boot?: boolean;
  readonly autoDelete?: boolean;
  readonly deviceName?: string;
  readonly mode?: string;
  readonly type?: string;
  readonly diskSizeGb?: string;
  readonly initializeParams?: {
    readonly diskName?: string;
    readonly diskSizeGb?: string;
    readonly diskType?: string;
    readonly sourceImage?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly description?: string;
  };
}

/** Validates an instance's body and returns the new instance's fields. */
export const draftInstance = (cloud: Cloud, call: ApiCall, scope: Scope): Partial<Instance> => {
  const { body } = call;
  const interfaces = (body.networkInterfaces ?? []) as readonly Record<string, unknown>[];
  if (interfaces.length === 0)
    throw invalidField('resource.networkInterfaces', '', 'At least one network interface is required.');
  const metadata = (body.metadata ?? {}) as Metadata;
  checkMetadata(metadata);
  return {
    machineType: machineTypeLink(cloud, textOf(body, 'machineType'), scope),
    status: 'PROVISIONING',
    disks: draftDisks(cloud, call, scope),
    networkInterfaces: interfaces.map((n, i) => draftInterface(cloud, n, i, scope)),
    metadata: { ...metadata, fingerprint: newFingerprint(cloud) },
    tags: { ...(body.tags as object | undefined), fingerprint: newFingerprint(cloud) },
    scheduling: {
      onHostMaintenance: 'MIGRATE',
      automaticRestart: true,
      preemptible: false,
      provisioningModel: 'STANDARD',
      ...(body.scheduling as object | undefined),
    },
    deletionProtection: body.deletionProtection === true,
    fingerprint: newFingerprint(cloud),
    ...serviceAccounts(body.serviceAccounts as Instance['serviceAccounts']),
    ...{ canIpForward: body.canIpForward === true, startRestricted: false, cpuPlatform: 'Unknown CPU Platform' },
  };
};

const serviceAccounts = (given: Instance['serviceAccounts']): Partial<Instance> => {
  if (given === undefined || given.length === 0) return {};
  if (given.length > 1) throw invalidField('resource.serviceAccounts', '', 'At most one service account is allowed.');
  return { serviceAccounts: given.map((a) => ({ ...a, email: a.email === 'default' ? defaultAccount : a.email })) };
};

/** Keys must be unique; Google also restricts their format. */
export const checkMetadata = (metadata: Metadata): void => {
  const seen = new Set<string>();
  for (const { key } of metadata.items ?? []) {
    if (!/^[a-zA-Z0-9-_]{1,128}$/.test(key)) {
      throw invalidField('resource.metadata.items.key', key, "Must be a match of regex '[a-zA-Z0-9-_]{1,128}'");
    }
    if (seen.has(key))
      throw invalidValue(`Invalid value for field 'metadata.items[1].key': '${key}'. Duplicate metadata key.`);
    seen.add(key);
  }
};

/** Full link of a machine type in a zone, from its link or (in templates) its bare name. */
export const machineTypeLink = (cloud: Cloud, link: string, scope: Scope): string => {
  const name = link.split('/').at(-1) ?? '';
  const path = `zones/${scope.zone ?? ''}/machineTypes/${name}`;
  if (!link.endsWith(path)) throw invalidField('resource.machineType', link, 'The URL is malformed.');
  if (!machineTypeCatalog.some((t) => t.name === name)) {
    throw invalidField(
      'resource.machineType',
      link,
      `Machine type with name '${name}' does not exist in zone '${scope.zone ?? ''}'.`,
    );
  }
  return linkOf(cloud.project, path);
};

const draftDisks = (cloud: Cloud, call: ApiCall, scope: Scope): AttachedDisk[] => {
  const requests = (call.body.disks ?? []) as readonly DiskRequest[];
  if (requests.length === 0) throw invalidField('resource.disks', '', 'At least one disk is required.');
  if (requests[0]?.boot !== true)
    throw invalidField('resource.disks[0].boot', '', 'Boot disk must be the first disk attached to the instance.');
  return requests.map((request, index) => {
    const path = diskPath(cloud, String(call.body.name), request, index, scope);
    const sizeGb =
      request.source === undefined ? checkNewDisk(cloud, path, request, index, scope) : checkOldDisk(cloud, path);
    return {
      kind: 'compute#attachedDisk',
      type: 'PERSISTENT',
      mode: request.mode ?? 'READ_WRITE',
      interface: 'SCSI',
      source: linkOf(cloud.project, path),
      deviceName: request.deviceName ?? `persistent-disk-${index}`,
      boot: request.boot === true,
      autoDelete: request.autoDelete === true,
      index,
      diskSizeGb: sizeGb,
      architecture: 'X86_64',
    };
  });
};

const diskPath = (cloud: Cloud, instance: string, request: DiskRequest, index: number, scope: Scope): string => {
  if (request.source !== undefined)
    return pathFromField(cloud.project, `resource.disks[${index}].source`, request.source, 'disks');
  const fallback = index === 0 ? instance : `${instance}-${index}`;
  return pathOf(scope, 'disks', request.initializeParams?.diskName ?? fallback);
};

const newDisk = ({ initializeParams: given, diskSizeGb }: DiskRequest): NewDisk => ({
  type: given?.diskType,
  sizeGb: given?.diskSizeGb ?? diskSizeGb,
  sourceImage: given?.sourceImage,
});

const checkNewDisk = (cloud: Cloud, path: string, request: DiskRequest, index: number, scope: Scope): string => {
  if (find(cloud, path) !== undefined) throw alreadyExists(longPath(cloud.project, path));
  if (index === 0 && request.initializeParams?.sourceImage === undefined) {
    throw invalidField('resource.disks[0]', '', 'A boot disk needs a source image or an existing disk.');
  }
  return diskFields(cloud, scope, newDisk(request), `resource.disks[${index}].initializeParams`).sizeGb ?? '';
};

const checkOldDisk = (cloud: Cloud, path: string): string => {
  const disk = find<Disk>(cloud, path);
  if (disk === undefined) throw notFound(longPath(cloud.project, path));
  const user = referrers(cloud, path)[0];
  if (user !== undefined) throw inUse('disk', longPath(cloud.project, path), longPath(cloud.project, user));
  return disk.sizeGb;
};

/** Creates the disks that the request describes by `initializeParams`. */
export const makeDisks = (cloud: Cloud, path: string, call: ApiCall): void => {
  const { scope } = partsOf(path);
  for (const [i, request] of ((call.body.disks ?? []) as readonly DiskRequest[]).entries()) {
    if (request.source !== undefined) continue;
    const at = diskPath(cloud, partsOf(path).name, request, i, scope);
    save(cloud, at, {
      kind: 'compute#disk',
      id: newId(cloud),
      name: partsOf(at).name,
      creationTimestamp: timestamp(cloud),
      selfLink: linkOf(cloud.project, at),
      zone: linkOf(cloud.project, `zones/${scope.zone ?? ''}`),
      labelFingerprint: labelsFingerprint(request.initializeParams?.labels),
      ...diskFields(cloud, scope, newDisk(request), `resource.disks[${i}].initializeParams`),
      ...(request.initializeParams?.labels !== undefined && { labels: request.initializeParams.labels }),
      ...(request.initializeParams?.description !== undefined && { description: request.initializeParams.description }),
    });
  }
};
