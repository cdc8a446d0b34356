import type { Cloud } from '../../cloud.ts';
import { publicImages, type PublicImage } from '../../data/images.ts';
import { invalidField } from '../../http/apiError.ts';
import type { ApiCall } from '../call.ts';
import { referrers } from '../catalog.ts';
import type { KindRules } from '../kind.ts';
import { heldBy } from '../operations.ts';
import { linkOf, readLink, type Scope } from '../paths.ts';
import { enforceQuota } from '../quota.ts';
import type { Disk } from '../resources.ts';

const types = ['pd-standard', 'pd-balanced', 'pd-ssd', 'pd-extreme', 'hyperdisk-balanced'];

/** Persistent disks. */
export const diskRules: KindRules = {
  collection: 'disks',
  noun: 'disk',
  type: 'disk',
  services: [{ name: 'Disks', scope: 'zone' }],
  inUseAnswer: 'request',
  labelsAtInsert: true,
  draft: (cloud, call, scope) => diskFields(cloud, scope, newDiskOf(call), 'resource'),
  view: (cloud, _disk, path) => {
    const users = referrers(cloud, path);
    return {
      status: heldBy(cloud, path) === 'insert' ? 'CREATING' : 'READY',
      ...(users.length > 0 && { users: users.map((u) => linkOf(cloud.project, u)) }),
    };
  },
  deleted: (cloud, path) => forgetDocuments(cloud, path),
};

/** Disk settings of a request. */
export interface NewDisk {
  readonly type?: string | undefined;
  readonly sizeGb?: string | undefined;
  readonly sourceImage?: string | undefined;
}

const newDiskOf = (call: ApiCall): NewDisk => {
  const { type, sizeGb, sourceImage } = call.body as NewDisk;
  return { type, sizeGb, sourceImage: sourceImage ?? call.query.sourceImage };
};

/** Fields of a new disk; checks type, size, and image. `field` is the body field to name in messages. */
export const diskFields = (cloud: Cloud, scope: Scope, disk: NewDisk, field: string): Partial<Disk> => {
  const type = (disk.type ?? 'pd-standard').split('/').at(-1) ?? '';
  if (!types.includes(type)) {
    throw invalidField(`${field}.type`, disk.type, `Disk type '${type}' does not exist in the zone.`);
  }
  const image = disk.sourceImage === undefined ? undefined : imageOf(disk.sourceImage, `${field}.sourceImage`);
  const sizeGb = disk.sizeGb ?? image?.diskSizeGb ?? (type === 'pd-ssd' || type === 'pd-balanced' ? '100' : '500');
  if (Number(sizeGb) < Number(image?.diskSizeGb ?? 1) || Number(sizeGb) > 65536) {
    const least = image === undefined ? '1 GB' : `the size of the image, ${image.diskSizeGb} GB`;
    throw invalidField(`${field}.sizeGb`, sizeGb, `Disk size must be between ${least} and 65536 GB.`);
  }
  enforceQuota(
    cloud,
    { metric: type.includes('ssd') ? 'SSD_TOTAL_GB' : 'DISKS_TOTAL_GB', scope: 'region' },
    scope,
    Number(sizeGb),
  );
  return {
    sizeGb,
    type: linkOf(cloud.project, `zones/${scope.zone ?? ''}/diskTypes/${type}`),
    status: 'READY',
    ...(image !== undefined && {
      sourceImage: linkOf(image.project, `global/images/${image.name}`),
      sourceImageId: image.id,
    }),
    ...{ physicalBlockSizeBytes: '4096', architecture: 'X86_64' },
  };
};

/** An image by its link, its family's link, or its family view (which gcloud sends for `--image-family`). */
export const imageOf = (link: string, field: string): PublicImage => {
  const found = readLink('', link);
  const name = link.split('/').at(-1) ?? '';
  const byFamily = /\/(family|imageFamilyViews)\//.test(link);
  const image = publicImages.find((i) => i.project === found?.project && (byFamily ? i.family : i.name) === name);
  if (image === undefined) throw invalidField(field, link, 'The referenced image resource cannot be found.');
  return image;
};

/** The guests' documents are deleted with the disk. */
const forgetDocuments = (cloud: Cloud, path: string): void => {
  for (const [key] of cloud.store.entries(documentTable(path))) cloud.store.remove(documentTable(path), key);
};

/** Table of the guests' documents on a disk. */
export const documentTable = (diskPath: string): string => `documents/${diskPath}`;
