/**
 * Everything of a lab on this computer bears a name that begins so, and can be found and removed by it. At most five letters
 * (names of network interfaces have 15 characters). Another one for a second lab at the same time.
 */
const prefix = process.env.TRIZONE_LAB_PREFIX || 'tz';

/** Network namespace that plays the VPC's router; the lab's own programs run in it. */
export const fabricNamespace = `${prefix}lab`;

/** Network namespace where the network cards of machines without power lie: whatever is sent to them is lost. */
export const deadNamespace = `${prefix}lab-dead`;

/** The switch in the fabric that every machine is plugged into. Routes lead to it and not to cards, which come and go. */
export const switchName = `${prefix}lab0`;

/** Where what nobody takes is lost. */
export const holeName = `${prefix}hole`;

/** Gateway, metadata server and name server of every machine, as on Compute Engine. */
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

/** Hardware address of an IPv4 address, as Compute Engine forms it. */
export const macOf = (ip: string): string =>
  ['42', '01', ...ip.split('.').map((part) => Number(part).toString(16).padStart(2, '0'))].join(':');
