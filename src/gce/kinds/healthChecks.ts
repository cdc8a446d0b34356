import type { google } from '@google-cloud/compute/build/protos/protos.js';
import * as v from 'valibot';
import { fixed, names } from '../../model/names.ts';
import { count, resource, textField } from '../fields.ts';
import { body, type OwnRow } from '../kind.ts';
import { backendServices } from './backendServices.ts';

const probe = v.nullish(v.object({ port: count, requestPath: textField }));

const healthCheck = v.pipe(
  resource({
    type: textField,
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

/** Regional health checks: how a load balancer knows which masters are serving. */
export const healthChecks = {
  client: 'regionHealthChecks',
  one: 'healthCheck',
  scope: 'region',
  aggregated: 'healthChecks',
  schema: healthCheck,
  noun: 'health check',
  gcloud: 'health-checks',
  group: 'Load balancer',
  billed: false,
  goesAfter: [backendServices],
  owns: (cluster) => fixed(names(cluster).healthCheck),
  body: body<google.cloud.compute.v1.IHealthCheck>(),
} as const satisfies OwnRow;
