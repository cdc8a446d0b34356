import { message } from '../lib/message.ts';
import { OperatorError } from '../lib/operatorError.ts';
import { haltRefusal, shrinkRefusal } from '../model/etcdRules.ts';
import { judged, readEtcd, type EtcdAccess, type Member } from './etcd.ts';
import type { Ref } from '../gce/cloud.ts';
import { command, toRun } from '../lib/remedy.ts';
import { shortLink } from '../model/links.ts';
import { backendName, type Balanced } from './loadBalancer.ts';
import type { Master } from './master.ts';
import { guard } from './preflight.ts';
import type { After, CloudStep, Reads } from './world.ts';

/** Checks again under the lease, right before the change, whether a master can be removed. */
export const mayShrink = (
  access: EtcdAccess,
  balanced: Balanced,
  member: Member,
  after: After,
): CloudStep<void, OperatorError | undefined> =>
  apiStaysUp(member, after, async (world) => {
    const quorum = await judged(world, access, [...access.through, member.name], (etcd) => shrinkRefusal(etcd, member));
    return quorum ?? lastServing(world, balanced, member);
  });

/** Checks right before the halt whether the other masters keep the cluster running. */
export const mayHalt = (
  etcd: EtcdAccess,
  balanced: Balanced,
  master: Master,
  after: After,
): CloudStep<void, OperatorError | undefined> =>
  apiStaysUp(
    master,
    after,
    async (world) => haltRefusal(await readEtcd(world, etcd), master) ?? lastServing(world, balanced, master),
  );

const apiStaysUp = (
  master: Master,
  after: After,
  look: (world: Reads) => Promise<OperatorError | undefined>,
): CloudStep<void, OperatorError | undefined> =>
  guard({ id: `guard:${master.name}`, title: message('The API stays up without {0}', master.name), after, look });

// `projects/p/zones/z/instanceGroups/g`
const groupAt = (group: string): Ref<'instanceGroups'> => {
  const [, , , zone, , name = ''] = shortLink(group).split('/');
  return { kind: 'instanceGroups', name, ...(zone !== undefined && { zone }) };
};

// Why a master must not leave the load balancer: no other one in it is healthy, so the API would be unreachable.
const lastServing = async (world: Reads, balanced: Balanced, master: Master): Promise<OperatorError | undefined> => {
  const { compute } = world.cloud;
  const ref = { kind: 'backendServices', name: backendName(balanced, 'EXTERNAL'), region: balanced.region } as const;
  const groups = (await compute.get(ref))?.backends ?? [];
  const states = await Promise.all(groups.map((g) => compute.backendHealth(ref, groupAt(g.group))));
  const healthy = states.flat().filter((h) => h.state === 'HEALTHY');
  if (!healthy.some((h) => h.instance === master.name) || healthy.some((h) => h.instance !== master.name))
    return undefined;
  return new OperatorError('refused', `${master.name} is the only healthy master behind the load balancer`, {
    remedy: toRun('First repair, finish, or remove the others. See', command`trizone validate`),
  });
};
