import { wallClock } from '../../lib/clock.ts';
import { uuid4 } from '../../lib/ids.ts';
import type { NodeRecord } from '../kubernetes/clusterState.ts';
import { nodeTimes } from '../kubernetes/nodeLife.ts';
import { readJoin } from './credentials.ts';
import { isUp, loadMachine, saveMachine, type MachineDocument } from './documents.ts';
import type { Guest } from './machine.ts';
import { secretOf } from './secrets.ts';

/** The Node that this machine's kubelet registers. */
export const nodeOf = ({ host, machine, config }: Guest): NodeRecord => ({
  name: machine.name,
  uid: uuid4(host.ids),
  key: machine.key,
  zone: machine.zone,
  instanceId: machine.id,
  master: config.role !== 'node',
  ...(config.pool === undefined ? {} : { pool: config.pool }),
  internalIp: machine.internalIp,
  ...(machine.externalIp === undefined ? {} : { externalIp: machine.externalIp }),
  podCidr: machine.aliasRanges[0] ?? '',
  registered: host.clock.now(),
  created: wallClock.now(),
});

/** Starts kubelet, and on a master the static pods, in this boot. */
export const startPods = (guest: Guest): void =>
  noteMachine(guest, { up: guest.machine.bootId, upAt: guest.host.clock.now() });

/** Updates the machine's stored state. */
export const noteMachine = ({ host, machine, config }: Guest, more: Partial<MachineDocument>): void => {
  const own = { instanceId: machine.id, role: config.role, uid: config.uid };
  saveMachine(host, machine.key, { ...loadMachine(host, machine.key), ...own, ...more });
};

/** Starts kubelet on a machine that has joined before: its Node becomes live again. */
export const startKubelet = (guest: Guest): void => {
  const { host, store, machine, config } = guest;
  if (isUp(host, machine)) return;
  startPods(guest);
  store.refresh(config.uid);
  lookAfterGrace(guest, machine.key);
};

/**
 * Key of the master that answers at the endpoint and the CA's hash,
 * once there is a join secret; otherwise what is missing.
 */
export const endpoint = (guest: Guest): { master: string; caCertHash: string } | string => {
  const { host, store, machine, config } = guest;
  const payload = secretOf(guest, config.secrets.join);
  if (payload === undefined) return 'waiting for the join secret: not available yet';
  const { caCertHash } = readJoin(payload, config);
  const key = host.dial(machine.key, config.internalIp, 443);
  const master = key === undefined ? undefined : host.instance(key);
  const view = master === undefined ? undefined : store.viewFrom(master);
  if (view?.quorum !== true || key === undefined)
    return `waiting for the endpoint: ${config.internalIp}:443 is not responding`;
  return { master: key, caCertHash };
};

/** Schedules the points at which a new Node changes by itself: initialized, then Ready. */
export const lookLater = ({ host }: Guest, master: string): void => {
  host.schedule(master, nodeTimes.settleMs, 'look', {});
  host.schedule(master, nodeTimes.initializeMs, 'look', {});
  host.schedule(master, nodeTimes.initializeMs + nodeTimes.networkMs, 'look', {});
};

/** Schedules the points at which a silent Node turns Unknown and later loses its pods. `master` runs the controllers. */
export const lookAfterGrace = ({ host }: Pick<Guest, 'host'>, master: string): void => {
  host.schedule(master, nodeTimes.graceMs, 'look', {});
  host.schedule(master, nodeTimes.evictMs, 'look', {});
};
