import { OperatorError } from '../lib/operatorError.ts';
import { dialFrom } from './balancer/dial.ts';
import type { Cloud } from './cloud.ts';
import { cloudMade } from './cloudMade.ts';
import { find } from './compute/catalog.ts';
import { documentTable } from './compute/kinds/disks.ts';
import { readLink } from './compute/paths.ts';
import type { Instance } from './compute/resources.ts';
import type { DocumentScope, GuestHost } from './guestRuntime.ts';
import type { GuestTimer } from './guestTimers.ts';
import { type Boot, bootTable, guestMachine, machineKey, machinePath, runningMachines } from './machines.ts';
import { hasRole } from './services/policies.ts';
import { addVersion, destroyVersion, type StoredSecret, secretById } from './services/secrets.ts';

const reading = ['roles/secretmanager.secretAccessor', 'roles/secretmanager.admin', 'roles/owner'];
const writing = ['roles/secretmanager.secretVersionManager', 'roles/secretmanager.admin', 'roles/owner'];
const adding = [...writing, 'roles/secretmanager.secretVersionAdder'];

/** The cloud as seen by a machine. Every change is a separate transaction, or part of the event being delivered. */
export const guestHost = (cloud: Cloud): GuestHost => {
  const change = <T>(work: () => T): T => {
    const result = cloud.store.transact(work);
    cloud.changed.tell();
    return result;
  };
  const schedule: GuestHost['schedule'] = (key, afterMs, type, payload) =>
    change(() => {
      const bootId = cloud.store.get<Boot>(bootTable, machinePath(key))?.bootId;
      if (bootId === undefined) return; // it has lost power since
      cloud.scheduler.in(afterMs, 'guest', { key, bootId, type, payload } satisfies GuestTimer);
    });
  return {
    clock: cloud.clock,
    ids: cloud.ids,
    instance: (key) => guestMachine(cloud, machinePath(key)),
    machines: () => runningMachines(cloud),
    get revision() {
      return cloud.store.revision;
    },
    metadata: (key) => metadataOf(cloud, key),
    setGuestAttribute: (key, namespace, name, value) =>
      change(() => setAttribute(cloud, key, `${namespace}/${name}`, value)),
    serial: (key, text) =>
      change(() => {
        const table = `serial/${machinePath(key)}`;
        cloud.store.put(table, String(cloud.store.entries(table).length), text);
      }),
    secretPayload: (key, id) => {
      const newest = permitted(cloud, key, id, reading).versions.findLast((version) => version.state === 'ENABLED');
      return newest?.data === undefined ? undefined : Buffer.from(newest.data, 'base64').toString('utf8');
    },
    addSecretVersion: (key, id, payload) =>
      change(() => void addVersion(cloud, permitted(cloud, key, id, adding), Buffer.from(payload).toString('base64'))),
    destroyOldVersions: (key, id, keep) =>
      change(() => {
        const enabled = permitted(cloud, key, id, writing).versions.filter((version) => version.state === 'ENABLED');
        for (const version of enabled.slice(0, Math.max(0, enabled.length - keep)))
          destroyVersion(cloud, id, version.number);
      }),
    dial: (fromKey, ip, port) => {
      const path = dialFrom(cloud, machinePath(fromKey), ip, port);
      return path === undefined ? undefined : machineKey(path);
    },
    fault: (key, at) => change(() => faultAt(cloud, key, at)),
    load: (scope, name) => cloud.store.get(documentsOf(cloud, scope), name),
    save: (scope, name, value) => change(() => cloud.store.put(documentsOf(cloud, scope), name, value)),
    schedule,
    made: cloudMade(cloud, (master, afterMs) => schedule(master, afterMs, 'look', {})),
  };
};

const faultAt: (cloud: Cloud, ...at: Parameters<GuestHost['fault']>) => ReturnType<GuestHost['fault']> = (
  cloud,
  key,
  verb,
) => {
  const name = key.slice(key.indexOf('/') + 1);
  const fault = cloud.faults.take({ method: '', path: machinePath(key), kind: 'machines', verb, name });
  if (fault === 'machineHangs') return { hangs: true };
  return typeof fault === 'object' && fault.type === 'machineFails' ? { fails: fault.message } : undefined;
};

const metadataOf = (cloud: Cloud, key: string): Record<string, string> =>
  Object.fromEntries(
    (find<Instance>(cloud, machinePath(key))?.metadata.items ?? []).map((item) => [item.key, item.value ?? '']),
  );

const setAttribute = (cloud: Cloud, key: string, name: string, value: string): void => {
  if (metadataOf(cloud, key)['enable-guest-attributes']?.toUpperCase() !== 'TRUE') {
    throw new OperatorError('permission', `Guest attributes are not enabled on the instance: ${key}`);
  }
  cloud.store.put(`guestAttributes/${machinePath(key)}`, name, value);
};

// A machine acts as its service account, limited by its scopes.
const permitted = (cloud: Cloud, key: string, id: string, roles: readonly string[]): StoredSecret => {
  const account = find<Instance>(cloud, machinePath(key))?.serviceAccounts?.[0];
  const scoped = account?.scopes?.some((scope) => scope.endsWith('/cloud-platform')) === true;
  const member = `serviceAccount:${account?.email ?? ''}`;
  if (!scoped || !hasRole(cloud, `secrets/${id}`, member, roles)) {
    throw new OperatorError('permission', `The instance cannot access the secret: ${id} (${key})`);
  }
  const secret = secretById(cloud, id);
  if (secret === undefined) throw new OperatorError('not-found', `Secret not found: ${id}`);
  return secret;
};

const documentsOf = (cloud: Cloud, scope: DocumentScope): string => {
  if ('disk' in scope) return documentTable(scope.disk);
  const boot = find<Instance>(cloud, machinePath(scope.machine))?.disks.find((d) => d.boot);
  return documentTable(readLink(cloud.project, boot?.source ?? '')?.path ?? `lost/${scope.machine}`);
};
