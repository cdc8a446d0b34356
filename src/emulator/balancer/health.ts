import type { Cloud } from '../cloud.ts';
import { find, resources } from '../compute/catalog.ts';
import { membersOf } from '../compute/kinds/groupMembers.ts';
import { linkOf, readLink } from '../compute/paths.ts';
import type { BackendService, HealthCheck, Instance } from '../compute/resources.ts';
import type { GuestCheck } from '../guestRuntime.ts';
import { bootTable, machineKey } from '../machines.ts';
import { admitsProbe } from './admission.ts';
import { backendsOf, rulesOf } from './rules.ts';

/** The balancer's verdict on one machine, and the consecutive answers that contradict it. */
interface Opinion {
  readonly healthy: boolean;
  readonly against: number;
}

/** Keyed by machine path; one document per backend service, in the store so that it survives a restart. */
type Opinions = Readonly<Record<string, Opinion>>;

const table = 'health';

const opinionsOf = (cloud: Cloud, servicePath: string): Opinions => cloud.store.get<Opinions>(table, servicePath) ?? {};

/** Whether the machine counts as healthy for new connections. */
export const isBackendHealthy = (cloud: Cloud, servicePath: string, instancePath: string): boolean =>
  opinionsOf(cloud, servicePath)[instancePath]?.healthy === true;

/** Milliseconds between two rounds: the smallest interval of all checks in use; undefined if there is nothing to check. */
export const roundMs = (cloud: Cloud): number | undefined => {
  const intervals = checkedServices(cloud).map(({ check }) => check.checkIntervalSec * 1000);
  return intervals.length === 0 ? undefined : Math.min(...intervals);
};

// A passthrough balancer probes the address of its rules, so a service without rules is not probed.
const checkedServices = (cloud: Cloud): { path: string; check: HealthCheck }[] =>
  resources<BackendService>(cloud, 'backendServices').flatMap(({ path, resource }) => {
    const link = readLink(cloud.project, resource.healthChecks?.[0] ?? '');
    const check = link === undefined ? undefined : find<HealthCheck>(cloud, link.path);
    const used = check !== undefined && rulesOf(cloud, path).length > 0 && backendsOf(cloud, path).length > 0;
    return used ? [{ path, check }] : [];
  });

/** Probes every machine behind every backend service once. Writes only when a verdict changes. */
export const probeAll = (cloud: Cloud): void => {
  for (const { path, check } of checkedServices(cloud)) {
    const before = opinionsOf(cloud, path);
    const after = Object.fromEntries(
      backendsOf(cloud, path).map((machine) => [machine, judge(before[machine], probe(cloud, machine, check), check)]),
    );
    if (JSON.stringify(after) === JSON.stringify(before)) continue;
    cloud.store.put(table, path, after);
    if (!persists(cloud, path))
      for (const [machine, { healthy }] of Object.entries(after)) if (!healthy) cloud.connections.cut(path, machine);
  }
};

// By default, TCP connections persist on a backend that turns unhealthy.
const persists = (cloud: Cloud, service: string): boolean =>
  find<BackendService>(cloud, service)?.connectionTrackingPolicy?.connectionPersistenceOnUnhealthyBackends !==
  'NEVER_PERSIST';

const judge = (before: Opinion = { healthy: false, against: 0 }, good: boolean, check: HealthCheck): Opinion => {
  if (good === before.healthy) return { healthy: before.healthy, against: 0 };
  const against = before.against + 1;
  const enough = against >= (before.healthy ? check.unhealthyThreshold : check.healthyThreshold);
  return enough ? { healthy: good, against: 0 } : { healthy: before.healthy, against };
};

const probe = (cloud: Cloud, machine: string, check: HealthCheck): boolean => {
  const guestCheck = checkFor(check);
  return (
    cloud.store.get(bootTable, machine) !== undefined &&
    admitsProbe(cloud, machine, guestCheck.port) &&
    cloud.guests().probe(machineKey(machine), guestCheck)
  );
};

const checkFor = (check: HealthCheck): GuestCheck => {
  if (check.type === 'TCP') return { type: 'TCP', port: check.tcpHealthCheck?.port ?? 80, path: '' };
  const spec = check.type === 'HTTPS' ? check.httpsHealthCheck : check.httpHealthCheck;
  return { type: check.type === 'HTTPS' ? 'HTTPS' : 'HTTP', port: spec?.port ?? 443, path: spec?.requestPath ?? '/' };
};

/** Answer of getHealth for one group; empty without a forwarding rule. */
export const healthOfGroup = (cloud: Cloud, servicePath: string, groupPath: string): object[] =>
  rulesOf(cloud, servicePath).flatMap((rule) =>
    membersOf(cloud, groupPath).map((machine) => ({
      instance: linkOf(cloud.project, machine),
      ipAddress: find<Instance>(cloud, machine)?.networkInterfaces[0]?.networkIP,
      port: Number(rule.ports?.[0] ?? rule.portRange?.split('-')[0] ?? 0),
      healthState: isBackendHealthy(cloud, servicePath, machine) ? 'HEALTHY' : 'UNHEALTHY',
      forwardingRule: rule.selfLink,
      forwardingRuleIp: rule.IPAddress,
    })),
  );
