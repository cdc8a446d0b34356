import { type Cloud, newFingerprint, sameFingerprint } from '../../cloud.ts';
import { conditionNotMet, invalidField, notReady } from '../../http/apiError.ts';
import { healthOfGroup } from '../../balancer/health.ts';
import type { ValidBody } from '../../schema/validator.ts';
import { type ApiCall, textOf } from '../call.ts';
import { find, save, type Reference } from '../catalog.ts';
import { findNamed, type KindRules, requestOperation } from '../kind.ts';
import { heldBy, type Task } from '../operations.ts';
import { FailedOperation } from '../operationFailure.ts';
import { linkOf, longPath, partsOf, pathFromField, readLink, regionOfZone, type Scope } from '../paths.ts';
import type { BackendService, InstanceGroup, StoredOperation } from '../resources.ts';
import { membersOf, otherBalancedGroup } from './groupMembers.ts';
import { inTwoGroups } from './instanceGroups.ts';

/** Regional backend services of passthrough load balancers, external and internal. */
export const backendServiceRules: KindRules = {
  collection: 'backendServices',
  noun: 'backend_service',
  type: 'backendService',
  services: [
    { name: 'RegionBackendServices', scope: 'region' },
    { name: 'BackendServices', scope: 'global' },
  ],
  quota: { metric: 'BACKEND_SERVICES', scope: 'project' },
  inUseAnswer: 'request',
  references: (cloud, service: BackendService) => references(cloud, service),
  draft: (cloud, call, scope) => complete(cloud, call.body, scope),
  inserted: { apply: (cloud, task) => checkOneGroup(cloud, find<BackendService>(cloud, task.target)) },
  deleted: (cloud, path) => cloud.store.remove('health', path),
  methods: {
    Patch: (cloud, call) => change(cloud, call, 'patch'),
    Update: (cloud, call) => change(cloud, call, 'update'),
    GetHealth: (cloud, call) => getHealth(cloud, call),
  },
  effects: {
    patch: { apply: (cloud, task) => applyChange(cloud, task) },
    update: { apply: (cloud, task) => applyChange(cloud, task) },
  },
};

const references = (cloud: Cloud, service: BackendService): Reference[] => {
  const pathIn = (link: string): string => readLink(cloud.project, link)?.path ?? '';
  return [
    ...(service.healthChecks ?? []).map((link, i) => ({ field: `resource.healthChecks[${i}]`, path: pathIn(link) })),
    ...(service.backends ?? []).map((b, i) => ({ field: `resource.backends[${i}].group`, path: pathIn(b.group) })),
    ...(service.network === undefined ? [] : [{ field: 'resource.network', path: pathIn(service.network) }]),
  ];
};

const schemes = ['EXTERNAL', 'INTERNAL'];
const protocols = ['TCP', 'UDP', 'UNSPECIFIED'];

const complete = (cloud: Cloud, body: ValidBody, scope: Scope): object => {
  const scheme = textOf(body, 'loadBalancingScheme', 'EXTERNAL');
  if (!schemes.includes(scheme))
    throw invalidField(
      'resource.loadBalancingScheme',
      scheme,
      'This emulator supports passthrough load balancers only: EXTERNAL or INTERNAL.',
    );
  const protocol = textOf(body, 'protocol', 'TCP');
  if (!protocols.includes(protocol)) {
    throw invalidField(
      'resource.protocol',
      protocol,
      `Protocol must be one of ${protocols.join(', ')} for this load balancing scheme.`,
    );
  }
  const checks = (body.healthChecks ?? []) as readonly string[];
  if (checks.length !== 1)
    throw invalidField('resource.healthChecks', checks.join(','), 'Exactly one health check is required.');
  const paths = checks.map((c, i) => pathFromField(cloud.project, `resource.healthChecks[${i}]`, c, 'healthChecks'));
  const network = body.network as string | undefined;
  return {
    loadBalancingScheme: scheme,
    protocol,
    healthChecks: paths.map((p) => linkOf(cloud.project, p)),
    backends: backends(cloud, body, scope, scheme),
    sessionAffinity: body.sessionAffinity ?? 'NONE',
    timeoutSec: body.timeoutSec ?? 30,
    connectionDraining: { drainingTimeoutSec: 0, ...(body.connectionDraining as object | undefined) },
    fingerprint: newFingerprint(cloud),
    ...(network !== undefined && {
      network: linkOf(cloud.project, pathFromField(cloud.project, 'resource.network', network, 'networks')),
    }),
  };
};

const backends = (cloud: Cloud, body: ValidBody, scope: Scope, scheme: string): BackendService['backends'] =>
  ((body.backends ?? []) as NonNullable<BackendService['backends']>).map((backend, index) => {
    const field = `resource.backends[${index}]`;
    const path = pathFromField(cloud.project, `${field}.group`, backend.group, 'instanceGroups');
    if (regionOfZone(partsOf(path).scope.zone ?? '') !== scope.region) {
      throw invalidField(`${field}.group`, backend.group, "The group must be in the backend service's region.");
    }
    const mode = backend.balancingMode ?? 'CONNECTION';
    if (mode !== 'CONNECTION') {
      throw invalidField(
        `${field}.balancingMode`,
        mode,
        `Balancing mode must be CONNECTION for load balancing scheme ${scheme}.`,
      );
    }
    const group = find<InstanceGroup>(cloud, path);
    if (group !== undefined && group.network === undefined && membersOf(cloud, path).length === 0) {
      throw invalidField(
        `${field}.group`,
        backend.group,
        'The instance group has no network: it must have an instance or be created with a network.',
      );
    }
    return { ...backend, group: linkOf(cloud.project, path), balancingMode: mode };
  });

const checkOneGroup = (cloud: Cloud, service: BackendService | undefined): void => {
  for (const { group } of service?.backends ?? []) {
    const path = readLink(cloud.project, group)?.path ?? '';
    const twice = membersOf(cloud, path).find((member) => otherBalancedGroup(cloud, path, member) !== undefined);
    if (twice !== undefined) throw new FailedOperation(inTwoGroups(cloud, twice));
  }
};

const applyChange = (cloud: Cloud, task: Task): void => {
  const next = task.payload as BackendService;
  checkOneGroup(cloud, next);
  save(cloud, task.target, { ...next, fingerprint: newFingerprint(cloud) });
};

const change = (cloud: Cloud, call: ApiCall, verb: 'patch' | 'update'): StoredOperation => {
  const { path, ...old } = findNamed<BackendService>(cloud, 'backendServices', call);
  if (heldBy(cloud, path) !== undefined) throw notReady(longPath(cloud.project, path));
  const given = call.body.fingerprint;
  if (given !== undefined && !sameFingerprint(given, old.fingerprint)) throw conditionNotMet('Invalid fingerprint.');
  const { kind, id, name, selfLink, region, creationTimestamp } = old;
  const next: ValidBody = verb === 'patch' ? { ...old, ...call.body } : call.body;
  const kept = { kind, id, name, selfLink, region, creationTimestamp };
  const merged = { ...next, ...complete(cloud, next, partsOf(path).scope), ...kept } as unknown as BackendService;
  for (const reference of references(cloud, merged)) {
    if (heldBy(cloud, reference.path) !== undefined) throw notReady(longPath(cloud.project, reference.path));
    if (find(cloud, reference.path) === undefined)
      throw invalidField(reference.field, reference.path, 'The resource was not found.');
  }
  return requestOperation(cloud, call, { path, id }, verb, merged);
};

const getHealth = (cloud: Cloud, call: ApiCall): unknown => {
  const { path } = findNamed<BackendService>(cloud, 'backendServices', call);
  const group = pathFromField(cloud.project, 'resource.group', textOf(call.body, 'group'), 'instanceGroups');
  const health = healthOfGroup(cloud, path, group);
  return { kind: 'compute#backendServiceGroupHealth', ...(health.length > 0 && { healthStatus: health }) };
};
