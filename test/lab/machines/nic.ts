import { existsSync } from 'node:fs';
import { attempt, ipIn, run } from './commands.ts';
import { deadNamespace, fabricNamespace, machineName, macOf, portName, routerIp, switchName } from './names.ts';

// Compute Engine's default MTU.
const mtu = 1460;

const namespaceFile = (n: number): string => `/run/netns/${machineName(n)}`;

/**
 * Connects a machine at power-on: its own namespace with `eth0`. Its address is a /32 and all traffic goes through the
 * gateway, as on Compute Engine. The card of a powered-off machine comes back from the dead namespace.
 */
export const plugIn = async (n: number, ip: string): Promise<void> => {
  const name = machineName(n);
  await run('ip', ['netns', 'add', name]);
  if (await isDead(n)) await ipIn(deadNamespace, [`link set ${name} netns ${name} name eth0`]);
  else await newCard(n, ip);
  await ipIn(name, [
    'link set lo up',
    'link set eth0 up',
    `addr add ${ip}/32 dev eth0`,
    `route add ${routerIp} dev eth0`,
    `route add default via ${routerIp} dev eth0 src ${ip}`,
  ]);
};

const isDead = async (n: number): Promise<boolean> =>
  (await attempt('ip', ['-n', deadNamespace, 'link', 'show', machineName(n)])).code === 0;

// Machines reach only the router (isolated ports). The router never resolves their MAC address: a powered-off machine
// would not answer, and senders would get an error.
const newCard = async (n: number, ip: string): Promise<void> => {
  const [port, mac] = [portName(n), macOf(ip)];
  const outer = [port, 'mtu', `${mtu}`, 'netns', fabricNamespace];
  const inner = ['name', 'eth0', 'address', mac, 'mtu', `${mtu}`, 'netns', machineName(n)];
  await run('ip', ['link', 'add', ...outer, 'type', 'veth', 'peer', ...inner]);
  await ipIn(fabricNamespace, [
    `link set ${port} master ${switchName} up`,
    `link set ${port} type bridge_slave isolated on`,
    `neigh replace ${ip} lladdr ${mac} nud permanent dev ${switchName}`,
    `route replace ${ip}/32 dev ${switchName}`,
  ]);
};

/**
 * Moves the card of a machine that loses power to the dead namespace before anything else ends, so that not even the
 * kernel can close its connections. Does nothing if it is already there.
 */
export const unplug = async (n: number): Promise<void> => {
  if (!existsSync(namespaceFile(n))) return;
  const name = machineName(n);
  const { code } = await attempt('ip', ['-n', name, 'link', 'show', 'eth0']);
  if (code === 0) {
    await ipIn(name, [`link set eth0 netns ${deadNamespace} name ${name}`]);
    await ipIn(deadNamespace, [`link set ${name} up`]);
  }
  await run('ip', ['netns', 'del', name]);
};

/**
 * Removes the card of a powered-off machine for good. The route to its address stays: traffic to it is dropped, as on
 * Compute Engine, and another machine may already have the address.
 */
export const removeCard = async (n: number): Promise<void> => {
  if (await isDead(n)) await ipIn(deadNamespace, [`link del ${machineName(n)}`]);
};
