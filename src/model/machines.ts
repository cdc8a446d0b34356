import { invalid } from '../lib/operatorError.ts';

/** Type and size (GB) of a disk. */
export interface DiskSpec {
  readonly type: string;
  readonly sizeGb: number;
}

/** The default disks of masters and nodes: those of late kube-up (config-default.sh). */
export const usualDisk = {
  master: { type: 'pd-ssd', sizeGb: 20 },
  node: { type: 'pd-standard', sizeGb: 100 },
} as const satisfies Readonly<Record<string, DiskSpec>>;

const machineTypePattern = /^[a-z][a-z0-9]*(-[a-z0-9]+)+$/;
const diskTypes = ['pd-standard', 'pd-balanced', 'pd-ssd', 'hyperdisk-balanced'];

/** Checks the syntax of a machine type; preflight checks whether the zone has it. */
export const checkMachineType = (type: string): string => {
  if (!machineTypePattern.test(type)) throw invalid(`Invalid machine type: "${type}"`, 'For example: e2-standard-2');
  return type;
};

/** Checks the type and size of a disk. */
export const checkDisk = (what: string, disk: DiskSpec): DiskSpec => {
  if (!diskTypes.includes(disk.type))
    throw invalid(`${what} type must be one of ${diskTypes.join(', ')}: ${disk.type}`, 'For example: pd-ssd');
  if (!Number.isInteger(disk.sizeGb) || disk.sizeGb < 10 || disk.sizeGb > 65_536) {
    throw invalid(`${what} size must be 10 to 65536 GB: ${disk.sizeGb}`, 'For example: 20');
  }
  return disk;
};
