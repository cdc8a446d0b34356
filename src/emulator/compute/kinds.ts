import type { Handler } from './call.ts';
import { kindEffects, kindMethods, type KindRules } from './kind.ts';
import { addressRules } from './kinds/addresses.ts';
import { backendServiceRules } from './kinds/backendServices.ts';
import { diskRules } from './kinds/disks.ts';
import { firewallRules } from './kinds/firewalls.ts';
import { forwardingRuleRules } from './kinds/forwardingRules.ts';
import { healthCheckRules } from './kinds/healthChecks.ts';
import { httpHealthCheckRules } from './kinds/httpHealthChecks.ts';
import { instanceGroupRules } from './kinds/instanceGroups.ts';
import { instanceRules } from './kinds/instances.ts';
import { instanceTemplateRules } from './kinds/instanceTemplates.ts';
import { managedGroupRules } from './kinds/managedGroups.ts';
import { networkRules } from './kinds/networks.ts';
import { operationMethods } from './kinds/operationMethods.ts';
import { routeRules } from './kinds/routes.ts';
import { staticMethods } from './kinds/staticKinds.ts';
import { subnetworkRules } from './kinds/subnetworks.ts';
import { targetPoolRules } from './kinds/targetPools.ts';
import type { OperationEffect } from './operations.ts';

/** All stored kinds; their order decides which user an "in use" message names first. */
export const emulatedKinds: readonly KindRules[] = [
  networkRules,
  subnetworkRules,
  routeRules,
  firewallRules,
  addressRules,
  diskRules,
  instanceRules,
  healthCheckRules,
  instanceGroupRules,
  httpHealthCheckRules,
  backendServiceRules,
  targetPoolRules,
  forwardingRuleRules,
  instanceTemplateRules,
  managedGroupRules,
];

/** Method id → handler. */
export const handlers: ReadonlyMap<string, Handler> = new Map([
  ...emulatedKinds.flatMap(kindMethods),
  ...operationMethods,
  ...staticMethods,
]);

/** `collection.verb` → effect of the operation. */
export const effects: ReadonlyMap<string, OperationEffect> = new Map(emulatedKinds.flatMap(kindEffects));
