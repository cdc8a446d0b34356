import type { Cloud } from '../cloud.ts';
import type { ApiError } from '../http/apiError.ts';
import { find } from './catalog.ts';
import { longPath, partsOf, regionOfZone } from './paths.ts';
import type { Instance, OperationProblem } from './resources.ts';

/** A failed operation's error, with everything that is written into the operation. */
export interface OperationFailure extends OperationProblem {
  readonly httpStatus: number;
}

/** Thrown by an effect whose failure has more than a code and a text. */
export class FailedOperation extends Error {
  readonly failure: OperationFailure;

  constructor(failure: OperationFailure) {
    super(failure.message);
    this.name = 'FailedOperation';
    this.failure = failure;
  }
}

/** An ApiError in the form of an operation's error. */
export const failureFrom = (error: ApiError): OperationFailure => ({
  code: screaming(error.reason),
  message: error.message,
  httpStatus: error.status,
});

const screaming = (reason: string): string => reason.replace(/([A-Z])/g, '_$1').toUpperCase();

/** A zone without capacity (texts: gce-api.md §5). */
export const stockOut = (cloud: Cloud, target: string, zonesAvailable: readonly string[]): OperationFailure => {
  const zone = partsOf(target).scope.zone ?? '';
  const vmType = find<Instance>(cloud, target)?.machineType.split('/').at(-1) ?? '';
  return {
    code: 'ZONE_RESOURCE_POOL_EXHAUSTED',
    message: `The zone '${longPath(cloud.project, `zones/${zone}`)}' does not have enough resources available to fulfill the request.  Try a different zone, or try again later.`,
    httpStatus: 503,
    errorDetails: [
      {
        help: {
          links: [
            {
              description: 'Troubleshooting documentation',
              url: 'https://cloud.google.com/compute/docs/resource-error',
            },
          ],
        },
      },
      {
        localizedMessage: {
          locale: 'en-US',
          message: `A ${vmType} VM instance is currently unavailable in the ${zone} zone. Consider trying your request in another zone, or try again later.`,
        },
      },
      {
        errorInfo: {
          reason: 'resource_availability',
          domain: 'compute.googleapis.com',
          metadatas: { zone, zonesAvailable: zonesAvailable.join(','), vmType, attachment: '' },
        },
      },
    ],
  };
};

/** Exceeded quota, in the operation's form. */
export const quotaFailure = (target: string, metric: string, limit: number): OperationFailure => {
  const { zone, region } = partsOf(target).scope;
  const where = region ?? (zone === undefined ? 'global' : regionOfZone(zone));
  return {
    code: 'QUOTA_EXCEEDED',
    message: `Quota '${metric}' exceeded.  Limit: ${limit.toFixed(1)} in region ${where}.`,
    httpStatus: 403,
    errorDetails: [
      {
        quotaInfo: {
          metricName: `compute.googleapis.com/${metric.toLowerCase()}`,
          limitName: `${metric}-per-project-region`,
          dimensions: { region: where },
          limit,
        },
      },
    ],
  };
};
