import type { google } from '@google-cloud/compute/build/protos/protos.js';
import * as v from 'valibot';
import { fixed, names } from '../../model/names.ts';
import { count, booleanField, linkField, listOf, resource, textField, texts } from '../fields.ts';
import { body, patch, type OwnRow } from '../kind.ts';
import { instanceGroupManagers } from './instanceGroupManagers.ts';
import { instances } from './instances.ts';

/** Firewall rules. */
export const firewalls = {
  client: 'firewalls',
  one: 'firewall',
  scope: 'global',
  schema: resource({
    network: linkField,
    direction: textField,
    disabled: booleanField,
    priority: count,
    sourceRanges: texts,
    sourceTags: texts,
    targetTags: texts,
    allowed: listOf(
      v.pipe(
        v.object({ IPProtocol: textField, ports: texts }),
        v.transform((a) => ({ protocol: a.IPProtocol, ports: a.ports })),
      ),
    ),
  }),
  actions: { patch: patch('firewall') },
  noun: 'firewall rule',
  gcloud: 'firewall-rules',
  group: 'Network',
  billed: false,
  goesAfter: [instanceGroupManagers, instances],
  owns: (cluster) => fixed(...Object.values(names(cluster).firewalls)),
  body: body<google.cloud.compute.v1.IFirewall>(),
} as const satisfies OwnRow;
