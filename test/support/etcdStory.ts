import { randomBelow, seededIds } from '../../src/lib/ids.ts';
import { EtcdDuel, floodWrites } from './etcdDuel.ts';

const commands = 14;
const mostSlots = 6;

type Deed = (duel: EtcdDuel) => Promise<void> | void;

/** One random sequence of commands among those currently possible; every choice follows from the seed and the outcomes. */
export const tellStory = async (duel: EtcdDuel, seed: string): Promise<void> => {
  const ids = seededIds(seed);
  const pick = <T>(list: readonly T[]): T | undefined => list[randomBelow(ids, Math.max(1, list.length))];
  await duel.begin();
  for (let n = 0; n < commands; n++) {
    await pick(deeds(duel, pick, n))?.(duel);
    await duel.settle();
  }
};

const deeds = (duel: EtcdDuel, pick: <T>(list: readonly T[]) => T | undefined, n: number): Deed[] => {
  const { slots } = duel;
  const asked = pick(slots.askable);
  const patient = pick([true, true, false]) ?? true;
  const list: Deed[] = [];
  const offer = (weight: number, deed: Deed): void => {
    for (let i = 0; i < weight; i++) list.push(deed);
  };
  const victim = pick(slots.running);
  const stopped = pick(slots.stopped);
  const unborn = pick(slots.unborn);
  // With no member to ask, only power events are possible.
  if (victim !== undefined && slots.running.length > 1) offer(2, () => duel.kill(victim));
  if (victim !== undefined && slots.running.length === 1 && slots.unborn.length === 0)
    offer(1, () => duel.kill(victim));
  if (stopped !== undefined) offer(4, () => duel.restart(stopped));
  if (asked === undefined) return list;
  if (unborn !== undefined) offer(7, () => duel.start(unborn));
  const target = pick(slots.members) ?? 0;
  const learner = pick(slots.learners);
  if (slots.members.length < mostSlots) {
    offer(5, () => duel.add(asked, true, patient));
    offer(2, () => duel.add(asked, false, patient));
  }
  if (learner !== undefined) offer(7, () => duel.promote(asked, learner));
  offer(1, () => duel.promote(asked, target));
  offer(2, () => duel.remove(asked, target, patient));
  offer(1, () => duel.moveLeader(asked, target));
  if (slots.leader !== asked && slots.askable.includes(slots.leader))
    offer(1, () => duel.moveLeader(slots.leader, asked));
  offer(2, () => duel.write(asked, `v${n}`));
  offer(1, () => duel.write(asked, `f${n}`, floodWrites));
  offer(1, () => duel.read(asked));
  return list;
};
