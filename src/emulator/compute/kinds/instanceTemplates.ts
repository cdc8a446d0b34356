import { machineTypeCatalog } from '../../data/machineTypes.ts';
import { invalidField } from '../../http/apiError.ts';
import type { KindRules } from '../kind.ts';
import { checkMetadata } from './instanceDraft.ts';
import { imageOf } from './disks.ts';
import type { Metadata } from '../resources.ts';

interface TemplateProperties {
  readonly machineType?: string;
  readonly disks?: readonly { readonly initializeParams?: { readonly sourceImage?: string } }[];
  readonly networkInterfaces?: readonly object[];
  readonly metadata?: Metadata;
}

/**
 * Templates are immutable; their properties are fully validated
 * only when an instance is created from them, as with Google.
 */
export const instanceTemplateRules: KindRules = {
  collection: 'instanceTemplates',
  noun: 'instance_template',
  type: 'instanceTemplate',
  services: [{ name: 'InstanceTemplates', scope: 'global' }],
  quota: { metric: 'INSTANCE_TEMPLATES', scope: 'project' },
  inUseAnswer: 'request',
  draft: (_cloud, call) => {
    const properties = (call.body.properties ?? {}) as TemplateProperties;
    const type = properties.machineType ?? '';
    if (!machineTypeCatalog.some((t) => t.name === type)) {
      throw invalidField(
        'resource.properties.machineType',
        type,
        'Machine type does not exist. A template takes the short name.',
      );
    }
    if ((properties.disks ?? []).length === 0)
      throw invalidField('resource.properties.disks', '', 'At least one disk is required.');
    if ((properties.networkInterfaces ?? []).length === 0) {
      throw invalidField('resource.properties.networkInterfaces', '', 'At least one network interface is required.');
    }
    for (const [i, disk] of (properties.disks ?? []).entries()) {
      const image = disk.initializeParams?.sourceImage;
      if (image !== undefined) imageOf(image, `resource.properties.disks[${i}].initializeParams.sourceImage`);
    }
    checkMetadata(properties.metadata ?? {});
    return { properties };
  },
};
