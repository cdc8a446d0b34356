import { wallClock } from '../../lib/clock.ts';
import { randomText } from '../../lib/ids.ts';
import { standpoint } from '../kubernetes/clusterStore.ts';
import { addMember, newEtcd, promote, dropMember, type SimulatedMember } from '../kubernetes/etcd.ts';
import { newMemberId } from '../kubernetes/etcdctlMembers.ts';
import { dnsBudget, firstObjects } from '../kubernetes/firstObjects.ts';
import { renewed } from '../kubernetes/nodeCertificates.ts';
import { nodeTimes } from '../kubernetes/nodeLife.ts';
import { publicKeyHash } from './certificates.ts';
import { authorityOf, newPki, packPki, unpackPki } from './credentials.ts';
import { hasJoined, isUp, loadFromDisk, masterDisk, saveOnDisk } from './documents.ts';
import { endpoint, lookLater, nodeOf, noteMachine, startKubelet, startPods } from './joining.ts';
import type { Guest } from './machine.ts';
import { failed, type BootOutcome } from './outcome.ts';
import { reportReady } from './report.ts';
import { addSecret, secretOf } from './secrets.ts';

const diskOf = ({ machine }: Guest): string => {
  const disk = masterDisk(machine);
  if (disk === undefined) throw failed('the persistent disk is missing');
  return disk;
};

/** Formats the persistent disk once; refuses another cluster's. */
export const mountDisk = (guest: Guest): BootOutcome => {
  const disk = masterDisk(guest.machine);
  if (disk === undefined)
    return 'waiting for the disk: blockdev: cannot open /dev/disk/by-id/google-master-pd: No such file or directory';
  const document = loadFromDisk(guest.host, disk, 'disk');
  if (document?.joined !== undefined && document.joined !== guest.config.uid)
    throw failed('the disk belongs to another cluster');
  if (document === undefined) saveOnDisk(guest.host, disk, 'disk', {});
  return undefined;
};

/** Removes the remains of an interrupted start; refuses to create a cluster a second time. */
export const clearHalfDone = (guest: Guest): BootOutcome => {
  const { host, machine, config } = guest;
  if (hasJoined(host, machine)) return undefined;
  if (config.role === 'first' && secretOf(guest, config.secrets.join) !== undefined) {
    throw failed('this cluster was created before, but not on this disk: repair or restore it');
  }
  if (loadFromDisk(host, diskOf(guest), 'etcd') !== undefined) {
    // If the member already votes, removing it needs its own vote: of two voters, both must answer.
    if (!isUp(host, machine)) startPods(guest);
    const waits = config.role === 'first' ? undefined : forgetHalf(guest);
    if (waits !== undefined) return waits;
  }
  noteMachine(guest, { up: undefined });
  saveOnDisk(host, diskOf(guest), 'etcd', undefined);
  saveOnDisk(host, diskOf(guest), 'pki', undefined);
  return undefined;
};

// Removes the etcd member left at this machine's address by an interrupted start or by the lost machine it replaces.
const forgetHalf = (guest: Guest): BootOutcome => {
  const { host, store, machine, config } = guest;
  const half = memberAt(guest);
  if (half === undefined) return undefined;
  const done = store.write(config.uid, (view) => {
    const { etcd, data } = view;
    const nodes = Object.fromEntries(Object.entries(data.nodes).filter(([name]) => name !== machine.name));
    return { etcd: dropMember(etcd, standpoint(host, view, etcd.leader), half.id), data: { ...data, nodes } };
  });
  return done ? undefined : 'removing the partially joined etcd member: no quorum';
};

const memberAt = (guest: Guest): SimulatedMember | undefined =>
  guest.store.view(guest.config.uid)?.etcd.members.find((m) => m.peerUrl === peerUrl(guest));

/** Restores the CAs from Secret Manager, or creates them. */
export const restorePki = (guest: Guest): BootOutcome => {
  const { host, machine, config } = guest;
  if (hasJoined(host, machine)) return undefined;
  const payload = secretOf(guest, config.secrets.pki);
  if (payload === undefined && config.role === 'replica') return 'waiting for the pki secret: not available yet';
  const files = payload === undefined ? newPki(host.ids) : unpackPki(payload, config);
  if (payload === undefined) addSecret(guest, config.secrets.pki, packPki(config.uid, files));
  saveOnDisk(host, diskOf(guest), 'pki', files);
  return undefined;
};

const peerUrl = ({ machine }: Guest): string => `https://${machine.internalIp}:2380`;

const memberOf = (guest: Guest): SimulatedMember => ({
  id: newMemberId(guest.host.ids),
  name: '',
  peerUrl: peerUrl(guest),
  clientUrl: '',
  learner: false,
});

/** `kubeadm init`. */
export const simulateInit = (guest: Guest): BootOutcome => {
  const { host, machine, config } = guest;
  if (hasJoined(host, machine)) {
    startKubelet(guest);
    return undefined;
  }
  // kubeadm reaches the new API server through the endpoint. Behind a passthrough load
  // balancer only a member of its group reaches itself at that address, and no other master
  // serves yet: if registered too late, a real cluster's nodes would never join.
  if (host.dial(machine.key, config.internalIp, 443) !== machine.key) {
    return `the endpoint does not route to this instance: ${config.internalIp}:443`;
  }
  const member = memberOf(guest);
  const { uid, cluster, project, region, versions, podCidr, serviceCidr, internalIp, externalIp } = config;
  const node = nodeOf(guest);
  saveOnDisk(host, diskOf(guest), 'etcd', {
    self: member.id,
    etcd: newEtcd(randomText(host.ids, 16, '123456789abcdef'), member),
    data: {
      uid,
      cluster,
      project,
      region,
      versions,
      podCidr,
      serviceCidr,
      internalIp,
      externalIp,
      nodes: { [node.name]: node },
      objects: firstObjects(host.ids, config.serviceCidr, config.versions.coreDns),
    },
  });
  startPods(guest);
  guest.store.refresh(uid);
  return undefined;
};

/** `kubeadm join` as a master: learner, then voter. */
export const simulateJoinMaster = (guest: Guest): BootOutcome => {
  const { host, store, machine, config } = guest;
  if (hasJoined(host, machine)) {
    startKubelet(guest);
    return undefined;
  }
  const found = endpoint(guest);
  if (typeof found === 'string') return found;
  const disk = diskOf(guest);
  const { pki, join } = config.secrets;
  if (publicKeyHash(authorityOf(loadFromDisk(host, disk, 'pki') ?? {}).certificate) !== found.caCertHash)
    throw failed(`reading the join secret: the CA in ${pki} does not match the cluster CA in ${join}`);
  if (loadFromDisk(host, disk, 'etcd') === undefined) {
    const waits = forgetHalf(guest);
    if (waits !== undefined) return waits;
  }
  const known = memberAt(guest);
  const member = known ?? memberOf(guest);
  if (known === undefined) {
    store.write(config.uid, (before) => ({
      etcd: addMember(before.etcd, standpoint(host, before, before.etcd.leader), { ...member, learner: true }),
    }));
    const view = store.view(config.uid);
    if (view !== undefined) saveOnDisk(host, disk, 'etcd', { self: member.id, etcd: view.etcd, data: view.data });
    startPods(guest);
    store.refresh(config.uid);
    return 'the etcd member is a learner';
  }
  const refused = known.learner ? host.fault(machine.key, 'promote') : undefined;
  if (refused !== undefined) return `promoting the etcd member: ${'fails' in refused ? refused.fails : 'no response'}`;
  const node = nodeOf(guest);
  const done = store.write(config.uid, (before) => ({
    etcd: known.learner ? promote(before.etcd, standpoint(host, before, before.etcd.leader), member.id) : before.etcd,
    data: { ...before.data, nodes: { ...before.data.nodes, [node.name]: node } },
  }));
  if (!done) return 'promoting the etcd member: no quorum';
  lookLater(guest, machine.key);
  return undefined;
};

/** Once the machine's API server answers, records "joined" and reports ready. */
export const serve = (guest: Guest): BootOutcome => {
  const { host, store, machine, config } = guest;
  const view = store.viewFrom(machine);
  if (view?.quorum !== true) return 'waiting for the local API server: not responding';
  // kubelet registers a missing Node: the controller manager deleted it when the previous machine was gone.
  const known = view.data.nodes[machine.name];
  const isSame = known?.instanceId === machine.id;
  const node = isSame ? renewed(known, wallClock.now()) : nodeOf(guest);
  if (node !== known) {
    if (!store.write(config.uid, ({ data }) => ({ data: { ...data, nodes: { ...data.nodes, [node.name]: node } } })))
      return 'registering the Node: no quorum';
    if (!isSame) lookLater(guest, machine.key);
  }
  saveOnDisk(host, diskOf(guest), 'disk', { joined: config.uid });
  store.refresh(config.uid);
  reportReady(guest);
  return undefined;
};

/** Applies the add-ons; the cloud controller manager starts a little later. */
export const applyAddOns = (guest: Guest): BootOutcome => {
  const { host, store, machine, config } = guest;
  const applied = store.write(config.uid, ({ data }) => ({
    data: {
      ...data,
      addOnsAt: data.addOnsAt ?? host.clock.now(),
      objects: { ...dnsBudget(host.ids), ...data.objects },
    },
  }));
  if (!applied) return 'applying the add-ons: no quorum';
  host.schedule(machine.key, nodeTimes.controllerStartMs + nodeTimes.networkMs, 'look', {});
  return undefined;
};
