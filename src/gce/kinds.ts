import type { Actions, Kind, Ref } from './cloud.ts';
import type { ClientName } from './calls.ts';

/** How one kind is reached: one row here instead of five functions a kind. */
export interface KindRow {
  readonly client: ClientName;
  /** Name of the path parameter; with `Resource` behind it, of the body's. */
  readonly one: string;
  readonly scope: 'global' | 'region' | 'zone';
  /** Client whose `aggregatedList` covers all zones and regions; absent for global kinds. */
  readonly aggregated?: ClientName;
  /** Fields of a resource that an aggregated list asks for; absent = all. */
  readonly fields?: string;
}

// All that we read but the metadata: each machine carries the startup script there, 25 KB that nobody looks at in a list.
const instanceFields =
  'id,name,description,selfLink,zone,creationTimestamp,status,statusMessage,lastStartTimestamp,machineType,labels,labelFingerprint,tags/items,' +
  'networkInterfaces(network,subnetwork,networkIP,accessConfigs/natIP,aliasIpRanges),' +
  'disks(source,deviceName,boot,autoDelete),serviceAccounts/email,deletionProtection';

/** Kind → client and parameters, as the REST reference of Compute Engine names them. */
export const kinds: Readonly<Record<Kind, KindRow>> = {
  networks: { client: 'networks', one: 'network', scope: 'global' },
  subnetworks: { client: 'subnetworks', one: 'subnetwork', scope: 'region', aggregated: 'subnetworks' },
  firewalls: { client: 'firewalls', one: 'firewall', scope: 'global' },
  routes: { client: 'routes', one: 'route', scope: 'global' },
  addresses: { client: 'addresses', one: 'address', scope: 'region', aggregated: 'addresses' },
  disks: { client: 'disks', one: 'disk', scope: 'zone', aggregated: 'disks' },
  instances: {
    client: 'instances',
    one: 'instance',
    scope: 'zone',
    aggregated: 'instances',
    fields: instanceFields,
  },
  instanceTemplates: { client: 'instanceTemplates', one: 'instanceTemplate', scope: 'global' },
  instanceGroups: { client: 'instanceGroups', one: 'instanceGroup', scope: 'zone', aggregated: 'instanceGroups' },
  instanceGroupManagers: {
    client: 'instanceGroupManagers',
    one: 'instanceGroupManager',
    scope: 'zone',
    aggregated: 'instanceGroupManagers',
  },
  healthChecks: { client: 'regionHealthChecks', one: 'healthCheck', scope: 'region', aggregated: 'healthChecks' },
  backendServices: {
    client: 'regionBackendServices',
    one: 'backendService',
    scope: 'region',
    aggregated: 'backendServices',
  },
  forwardingRules: { client: 'forwardingRules', one: 'forwardingRule', scope: 'region', aggregated: 'forwardingRules' },
  targetPools: { client: 'targetPools', one: 'targetPool', scope: 'region', aggregated: 'targetPools' },
  httpHealthChecks: { client: 'httpHealthChecks', one: 'httpHealthCheck', scope: 'global' },
  machineTypes: { client: 'machineTypes', one: 'machineType', scope: 'zone', aggregated: 'machineTypes' },
  images: { client: 'images', one: 'image', scope: 'global' },
  zones: { client: 'zones', one: 'zone', scope: 'global' },
  regions: { client: 'regions', one: 'region', scope: 'global' },
  projects: { client: 'projects', one: 'project', scope: 'global' },
};

/** Kinds that Trizone inserts and deletes. */
export const writableKinds = [
  'networks',
  'subnetworks',
  'firewalls',
  'addresses',
  'disks',
  'instances',
  'instanceTemplates',
  'instanceGroups',
  'instanceGroupManagers',
  'healthChecks',
  'backendServices',
  'forwardingRules',
] as const satisfies readonly Kind[];

/** A request field of an action, and where the body goes. */
interface ActionRow {
  /** Path parameter that holds the resource's name. */
  readonly name: string;
  /** Parameter that holds the body; absent where the body's fields are parameters themselves. */
  readonly body?: string;
}

const patch = (one: string): ActionRow => ({ name: one, body: `${one}Resource` });
const setLabels = (prefix: string): ActionRow => ({ name: 'resource', body: `${prefix}SetLabelsRequestResource` });

/** Action → the kinds that have it, with their parameters. */
export const actions: Readonly<Record<keyof Actions, Partial<Record<Kind, ActionRow>>>> = {
  setLabels: {
    addresses: setLabels('region'),
    forwardingRules: setLabels('region'),
    disks: setLabels('zone'),
    instances: setLabels('instances'),
  },
  addInstances: { instanceGroups: { name: 'instanceGroup', body: 'instanceGroupsAddInstancesRequestResource' } },
  removeInstances: { instanceGroups: { name: 'instanceGroup', body: 'instanceGroupsRemoveInstancesRequestResource' } },
  setDeletionProtection: { instances: { name: 'resource' } },
  reset: { instances: { name: 'instance' } },
  start: { instances: { name: 'instance' } },
  stop: { instances: { name: 'instance' } },
  resize: { instanceGroupManagers: { name: 'instanceGroupManager' } },
  deleteInstances: {
    instanceGroupManagers: {
      name: 'instanceGroupManager',
      body: 'instanceGroupManagersDeleteInstancesRequestResource',
    },
  },
  patch: {
    firewalls: patch('firewall'),
    backendServices: patch('backendService'),
    instanceGroupManagers: patch('instanceGroupManager'),
  },
};

/** Calls that belong to no table: `client.method`. */
const single = [
  'targetPools.delete',
  'images.getFromFamily',
  'instanceGroups.listInstances',
  'instanceGroupManagers.listManagedInstances',
  'regionBackendServices.getHealth',
  'instances.getSerialPortOutput',
  'instances.getGuestAttributes',
  'zoneOperations.wait',
  'regionOperations.wait',
  'globalOperations.wait',
] as const;

/** Every method of the library that the program calls, as `client.method`: what the trimmed bundle must contain. */
export const calledMethods = (): string[] => {
  const ofLibrary = Object.entries(kinds).filter(([, k]) => k.client !== 'httpHealthChecks');
  const read = ofLibrary.map(([, k]) => `${k.client}.get`);
  const listed = ofLibrary.filter(([kind]) => kind !== 'projects');
  const lists = listed.map(([, k]) =>
    k.aggregated === undefined ? `${k.client}.list` : `${k.aggregated}.aggregatedList`,
  );
  const writes = writableKinds.flatMap((k) => [`${kinds[k].client}.insert`, `${kinds[k].client}.delete`]);
  const acts = Object.entries(actions).flatMap(([action, rows]) =>
    Object.keys(rows).map((kind) => `${kinds[kind as Kind].client}.${action}`),
  );
  return [...new Set([...read, ...lists, ...writes, ...acts, ...single])].sort();
};

/** A resource's place and name as request parameters. */
export const pathOf = (project: string, ref: Ref, nameParameter = kinds[ref.kind].one): Record<string, string> => {
  const { scope } = kinds[ref.kind];
  const place = scope === 'global' ? {} : { [scope]: (scope === 'zone' ? ref.zone : ref.region) ?? '' };
  return ref.kind === 'projects' ? { project: ref.name } : { project, ...place, [nameParameter]: ref.name };
};
