import { bootMaster } from '../../src/steps/boot.ts';
import { awaitVoter } from '../../src/steps/etcd.ts';
import { existingAddress, readExisting } from '../../src/steps/existing.ts';
import { holdLease } from '../../src/steps/lease.ts';
import { register, type Master } from '../../src/steps/master.ts';
import { checkApis, resolveImage } from '../../src/steps/preflight.ts';
import type { Reads } from '../../src/steps/world.ts';
import { backends, masterMachine } from '../../src/workflows/masters.ts';
import { workflow } from '../../src/workflows/workflow.ts';
import { forCluster, type Prepared } from '../../src/verbs/prepared.ts';

/** The real steps of `replicate`, deliberately wrong: registration right after the machine, as in kube-up. */
export const registeredFirst = async (world: Reads, cluster: string, replica: Master): Promise<Prepared> => {
  const { cluster: c } = await readExisting(world, cluster);
  const w = workflow();
  const apis = w.add(checkApis(c.project));
  const image = w.add(resolveImage([apis]));
  const external = w.add(existingAddress(c, c.names.rootAddress, [apis]));
  const internal = w.add(existingAddress(c, c.names.internalAddress, [apis]));
  const acting = { verb: 'replicate', risky: false, takeOver: false };
  const lease = w.add(holdLease(c, acting, [image, external, internal]));
  const served = w.addAll(backends(c, [replica.zone], [lease]));
  const { machine } = masterMachine(w, c, replica, 'replica', { external, internal, image }, [lease]);
  const registered = w.add(register(c, replica, [machine, ...served]));
  const booted = w.add(bootMaster(replica, { joins: 'kubeadm join' }, [registered]));
  w.add(awaitVoter({ names: c.names, through: [c.names.firstMaster] }, replica, [booted]));
  const verb = { verb: 'replicate', label: 'Replicate master of {0}', adds: true, probed: true };
  return { ...forCluster(world, c), ...verb, steps: w.steps, input: { cluster, masters: [replica] } };
};
