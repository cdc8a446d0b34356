import { hasJoined } from './documents.ts';
import { endpoint, lookLater, nodeOf, noteMachine, startKubelet, startPods } from './joining.ts';
import type { Guest } from './machine.ts';
import type { BootOutcome } from './outcome.ts';
import { reportReady } from './report.ts';

/** Waits until the cluster has published its join secret and a master answers at the endpoint. */
export const simulateAwaitEndpoint = (guest: Guest): BootOutcome => {
  if (hasJoined(guest.host, guest.machine)) return undefined;
  const found = endpoint(guest);
  return typeof found === 'string' ? found : undefined;
};

/** `kubeadm join` as a node; waits until the Node of an earlier machine with this name is gone. */
export const simulateJoinNode = (guest: Guest): BootOutcome => {
  const { host, store, machine, config } = guest;
  if (hasJoined(host, machine)) {
    // kubelet registers at startup, even if its Node has been deleted.
    if (store.view(config.uid)?.data.nodes[machine.name] === undefined && !registered(guest))
      return 'registering the Node: the API is not responding';
    startKubelet(guest);
    reportReady(guest);
    return undefined;
  }
  const found = endpoint(guest);
  if (typeof found === 'string') return found;
  store.refresh(config.uid);
  const old = store.view(config.uid)?.data.nodes[machine.name];
  if (old !== undefined && old.instanceId !== machine.id)
    return 'waiting for the masters to delete the old Node object';
  startPods(guest);
  registered(guest);
  noteMachine(guest, { joined: config.uid });
  lookLater(guest, found.master);
  reportReady(guest);
  return undefined;
};

const registered = (guest: Guest): boolean => {
  const node = nodeOf(guest);
  return guest.store.write(guest.config.uid, ({ data }) => ({
    data: { ...data, nodes: { ...data.nodes, [node.name]: node } },
  }));
};
