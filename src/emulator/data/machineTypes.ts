/** A machine type; every zone of the emulator has the same ones. */
export interface MachineType {
  readonly name: string;
  readonly cpus: number;
  /** Whether it is a shared-core type; it still counts `cpus` against the CPU quota. */
  readonly shared: boolean;
  readonly memoryMb: number;
}

const series = (prefix: string, mbPerCpu: number, cpus: readonly number[]): MachineType[] =>
  cpus.map((n) => ({ name: `${prefix}-${n}`, cpus: n, shared: false, memoryMb: n * mbPerCpu }));

/** Source: the public pages of the general-purpose machine families. */
export const machineTypeCatalog: readonly MachineType[] = [
  { name: 'e2-micro', cpus: 2, shared: true, memoryMb: 1024 },
  { name: 'e2-small', cpus: 2, shared: true, memoryMb: 2048 },
  { name: 'e2-medium', cpus: 2, shared: true, memoryMb: 4096 },
  ...series('e2-standard', 4096, [2, 4, 8, 16, 32]),
  ...series('e2-highmem', 8192, [2, 4, 8, 16]),
  ...series('e2-highcpu', 1024, [2, 4, 8, 16, 32]),
  ...series('n1-standard', 3840, [1, 2, 4, 8, 16, 32, 64, 96]),
  ...series('n2-standard', 4096, [2, 4, 8, 16, 32, 48, 64, 80]),
  ...series('n2d-standard', 4096, [2, 4, 8, 16, 32, 48, 64]),
  ...series('c3-standard', 4096, [4, 8, 22, 44, 88]),
];
