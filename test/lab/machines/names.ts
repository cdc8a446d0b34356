/**
 * Prefix of all lab objects on this computer, by which they are found and removed. At most five letters (network
 * interface names have 15 characters). Use another one for a second lab at the same time.
 */
const prefix = process.env.TRIZONE_LAB_PREFIX || 'tz';

/** Network namespace of the VPC's router; the lab's own programs run in it. */
export const fabricNamespace = `${prefix}lab`;

/** Network namespace with the network cards of powered-off machines: traffic to them is dropped. */
export const deadNamespace = `${prefix}lab-dead`;

/** The fabric's switch, to which every machine is connected. Routes lead to it and not to the cards, which come and go. */
export const switchName = `${prefix}lab0`;

/** Interface that drops all traffic. */
export const holeName = `${prefix}hole`;

/** Gateway, metadata server, and name server of every machine, as on Compute Engine. */
export const routerIp = '169.254.169.254';

/** Name of a machine's network namespace and of its control groups. */
export const machineName = (n: number): string => `${prefix}l-${n}`;

/** The fabric's end of a machine's cable; at most 15 characters. */
export const portName = (n: number): string => `${prefix}v-${n}`;

/** Whether a control group or a network namespace is this lab's. */
export const isOurs = (name: string): boolean =>
  new RegExp(`^${prefix}l-\\d+$`).test(name) || name === fabricNamespace || name === deadNamespace;

/** Whether a network interface is one of the fabric's own. */
export const isOurLink = (name: string): boolean =>
  name === switchName || new RegExp(`^${prefix}[lv]-\\d+$`).test(name);

/** MAC address for an IPv4 address, as Compute Engine forms it. */
export const macOf = (ip: string): string =>
  ['42', '01', ...ip.split('.').map((part) => Number(part).toString(16).padStart(2, '0'))].join(':');
