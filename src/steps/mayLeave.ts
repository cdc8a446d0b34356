import { message } from '../lib/message.ts';
import type { OperatorError } from '../lib/operatorError.ts';
import { haltRefusal, shrinkRefusal } from '../model/etcdRules.ts';
import { judged, readEtcd, type Etcd, type Member } from './etcd.ts';
import { lastServing, type Balanced } from './loadBalancer.ts';
import type { Master } from './master.ts';
import { guard } from './preflight.ts';
import type { After, CloudStep, Reads } from './world.ts';

/** Asks again under the lease, right before the change, whether a master may be removed. */
export const mayShrink = (e: Etcd, c: Balanced, m: Member, after: After): CloudStep<void, OperatorError | undefined> =>
  apiStaysUp(m, after, async (world) => {
    const quorum = await judged(world, e, [...e.through, m.name], (etcd) => shrinkRefusal(etcd, m));
    return quorum ?? lastServing(world, c, m);
  });

/** Asks right before the halt whether the others carry on. */
export const mayHalt = (e: Etcd, c: Balanced, m: Master, after: After): CloudStep<void, OperatorError | undefined> =>
  apiStaysUp(m, after, async (world) => haltRefusal(await readEtcd(world, e), m) ?? lastServing(world, c, m));

const apiStaysUp = (
  m: Master,
  after: After,
  look: (world: Reads) => Promise<OperatorError | undefined>,
): CloudStep<void, OperatorError | undefined> =>
  guard({ id: `guard:${m.name}`, title: message('The API stays up without {0}', m.name), after, look });
