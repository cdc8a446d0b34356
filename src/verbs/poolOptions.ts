import { flag, text, wholeNumber, type Option } from './option.ts';

/** Which pool. */
export const poolOption: Option<string> = { ...text('pool', 'NAME', 'the node pool', 'group'), names: 'pools' };

/** What a node pool is like, on the command line. */
export const poolOptions = {
  nodes: wholeNumber('nodes', 'N', 'number of nodes in each zone, 0 to 1000', '3'),
  machineType: text('machine-type', 'TYPE', 'machine type of the nodes', 'e2-standard-2, or as the other pools'),
  spot: flag('spot', 'Spot nodes: cheaper, and Google may stop them at any time'),
} as const;
