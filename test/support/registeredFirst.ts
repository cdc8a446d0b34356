import { bootMaster } from '../../src/steps/boot.ts';
import { awaitVoter } from '../../src/steps/etcd.ts';
import { existingAddress, readExisting } from '../../src/steps/existing.ts';
import { holdLease } from '../../src/steps/lease.ts';
import { register, type Master } from '../../src/steps/master.ts';
import { checkApis, resolveImage } from '../../src/steps/preflight.ts';
import type { Reads } from '../../src/steps/world.ts';
import { backends, masterMachine } from '../../src/workflows/masters.ts';
import { forCluster, type Prepared } from '../../src/verbs/prepared.ts';

/** The real steps of `replicate`, deliberately wrong: the registration where kube-up had it, right after the machine. */
export const registeredFirst = async (world: Reads, cluster: string, replica: Master): Promise<Prepared> => {
  const { cluster: c } = await readExisting(world, cluster);
  const apis = checkApis(c.project);
  const image = resolveImage([apis]);
  const external = existingAddress(c, c.names.rootAddress, [apis]);
  const internal = existingAddress(c, c.names.internalAddress, [apis]);
  const lease = holdLease(c, { verb: 'replicate', risky: false, takeOver: false }, [image, external, internal]);
  const served = backends(c, [replica.zone], [lease]);
  const { machine, steps } = masterMachine(c, replica, 'replica', { external, internal, image }, [lease]);
  const door = register(c, replica, [machine, ...served]);
  const booted = bootMaster(replica, { joins: 'kubeadm join' }, [door]);
  const votes = awaitVoter({ names: c.names, through: [c.names.firstMaster] }, replica, [booted]);
  const all = [apis, image, external, internal, lease, ...served, ...steps, door, booted, votes];
  const verb = { verb: 'replicate', label: 'Replicate master of {0}', adds: true, probed: true };
  return { ...forCluster(world, c), ...verb, steps: all, input: { cluster, masters: [replica] } };
};
