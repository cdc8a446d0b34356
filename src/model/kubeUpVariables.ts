import { invalid } from '../lib/operatorError.ts';
import { usualDisk, type DiskSpec } from './machines.ts';

/** The scripts' environment. */
export type Exports = Readonly<Record<string, string | undefined>>;

/** Reads a variable that must be true or false. */
export const flagOf = (env: Exports, name: string, otherwise: boolean): boolean => {
  const value = env[name];
  if (value === undefined || value === '') return otherwise;
  if (value === 'true' || value === 'false') return value === 'true';
  throw invalid(`${name} must be true or false: ${value}`, `For example: ${name}=true`);
};

/** Reads a variable that must be a whole number. */
export const wholeOf = (env: Exports, name: string): number | undefined => {
  const value = env[name];
  if (value === undefined || value === '') return undefined;
  if (!/^\d{1,9}$/.test(value)) throw invalid(`${name} must be a whole number: ${value}`, `For example: ${name}=3`);
  return Number(value);
};

/**
 * The two variables of a disk, `MASTER_DISK_TYPE` and `MASTER_DISK_SIZE`; if only one is set, the other has the
 * scripts' default.
 */
export const diskVariables = (which: 'master' | 'node') => {
  const otherwise = usualDisk[which];
  const [typeName, sizeName] = [`${which.toUpperCase()}_DISK_TYPE`, `${which.toUpperCase()}_DISK_SIZE`];
  return {
    names: [typeName, sizeName],
    read: (env: Exports): DiskSpec | undefined => {
      const [type, size] = [env[typeName] || undefined, env[sizeName] || undefined];
      if (type === undefined && size === undefined) return undefined;
      const sizeGb = size === undefined ? otherwise.sizeGb : Number(/^(\d{1,6})(GB)?$/.exec(size)?.[1] ?? NaN);
      if (Number.isNaN(sizeGb))
        throw invalid(
          `${sizeName} must be in gigabytes: ${size ?? ''}`,
          `For example: ${sizeName}=${otherwise.sizeGb}GB`,
        );
      return { type: type ?? otherwise.type, sizeGb };
    },
    write: ({ type, sizeGb }: DiskSpec): Record<string, string> => ({ [typeName]: type, [sizeName]: `${sizeGb}GB` }),
  };
};
