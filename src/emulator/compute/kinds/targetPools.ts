import type { Cloud } from '../../cloud.ts';
import type { ValidBody } from '../../schema/validator.ts';
import { textOf } from '../call.ts';
import type { KindRules } from '../kind.ts';
import { linkOf, pathFromField, readLink } from '../paths.ts';
import type { TargetPool } from '../resources.ts';

/** Regional target pools. A pool does not hold its instances: it still names one that was deleted. */
export const targetPoolRules: KindRules = {
  collection: 'targetPools',
  noun: 'target_pool',
  type: 'targetPool',
  services: [{ name: 'TargetPools', scope: 'region' }],
  inUseAnswer: 'request',
  references: (cloud, pool: TargetPool) =>
    pool.healthChecks.map((link, index) => ({
      field: `resource.healthChecks[${index}]`,
      path: readLink(cloud.project, link)?.path ?? '',
    })),
  draft: (cloud, { body }) => ({
    instances: links(cloud, body, 'instances', 'instances'),
    healthChecks: links(cloud, body, 'healthChecks', 'httpHealthChecks'),
    sessionAffinity: textOf(body, 'sessionAffinity', 'NONE'),
  }),
};

const links = (cloud: Cloud, body: ValidBody, field: string, collection: string): string[] =>
  ((body[field] ?? []) as readonly string[]).map((link, index) =>
    linkOf(cloud.project, pathFromField(cloud.project, `resource.${field}[${index}]`, link, collection)),
  );
