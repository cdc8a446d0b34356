import type { CloudWriter, ComputeWriter } from '../../src/gce/cloud.ts';

/** A cloud without a gate: all changes are allowed. */
export const ungated = <C extends CloudWriter>(cloud: C): C => {
  const { compute } = cloud;
  const own: ComputeWriter['own'] = (ref) => compute.own(ref, () => true);
  return { ...cloud, compute: Object.assign(Object.create(compute) as ComputeWriter, { own }) };
};
