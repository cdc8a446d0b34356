import * as v from 'valibot';
import { message } from '../lib/message.ts';
import { OperatorError } from '../lib/operatorError.ts';
import { endSoon } from '../model/certificates.ts';
import { isUnwell } from '../model/etcdRules.ts';
import { readEtcd } from '../steps/etcd.ts';
import { apiOf, ifAnswers } from '../steps/kubernetesApi.ts';
import { mastersOf, readExisting, type Existing } from '../steps/existing.ts';
import type { Master } from '../steps/master.ts';
import type { Restart } from '../steps/power.ts';
import type { Reads } from '../steps/world.ts';
import { recreateMaster, replaceMaster, restartMaster, startMaster, type Returning } from '../workflows/repair.ts';
import {
  freshMaster,
  leavingOf,
  masterSchema,
  memberIn,
  noMaster,
  placeOf,
  type MasterRequest,
} from './masterParts.ts';
import { zoneOption } from '../model/option.ts';
import { checkClusterZone } from './poolPlace.ts';
import { forCluster, type Preparing, type Work } from './prepared.ts';
import { verb } from './verb.ts';

/** A zone asks for another master there in its place. */
interface Request extends MasterRequest {
  readonly zone?: string | undefined;
  /** The one that takes its place, known to a resumed run; and where the old one was. */
  readonly next?: Master | undefined;
  readonly was?: Master | undefined;
}

const outOfReach = (m: Master): OperatorError =>
  new OperatorError('unavailable', `${m.zone} cannot be reached: nobody can tell what is left of ${m.name}`, {
    retry: 'later',
    remedy: `Wait for the zone, or replace it in another one: trizone master repair ${m.name} --zone Z`,
  });

/**
 * What heals a master: one that is off is started; one that hangs, whose Node was deleted, or whose certificates end soon is
 * restarted; one whose machine is gone is made again on its disk and address. Where the disk is gone as well, or another zone
 * is named, another master takes its place.
 */
const prepare = async (world: Reads, request: Request, o: Preparing): Promise<Work> => {
  const x = await readExisting(world, request.cluster);
  const zone = request.zone === undefined ? undefined : checkClusterZone(x, request.zone);
  const { name } = request;
  const was = (await placeOf(world, x, name)) ?? request.was ?? (await strayMember(world, x, name, zone));
  if (was === undefined) throw noMaster(x, name);
  const elsewhere = zone !== undefined && zone !== was.zone;
  if (!elsewhere && x.has.unreachable.includes(was.zone)) throw outOfReach(was);
  const whom = forCluster(world, x.cluster);
  const hasMachine = x.has.masters.some((m) => m.name === was.name);
  const hasDisk = x.has.disks.some((d) => d.name === x.cluster.names.masterDisk(was.name));
  if (elsewhere || request.next !== undefined || !hasDisk) {
    const next = request.next ?? { name: freshMaster(x, o.ids, [was.name]), zone: zone ?? was.zone };
    const input = { ...request, zone, was, next };
    return { ...whom, steps: replacing(x, was, next, o), input, warnings: replaceWarnings(was, next, hasDisk) };
  }
  const others = mastersOf(x.has).flatMap((m) => (m.name === was.name ? [] : [m.name]));
  const r: Returning = { master: memberIn(x, was), others };
  const input = { cluster: request.cluster, name };
  if (!hasMachine) return { ...whom, steps: recreateMaster(x.cluster, r, o.by), input };
  return { ...whom, ...(await healing(world, x, r, o)), input };
};

// What was announced as a start stays one: by then the machine may run, and be well.
const healing = async (world: Reads, x: Existing, r: Returning, { by }: Preparing) => {
  const { name } = r.master;
  const start = (restart: Restart) => startMaster(x.cluster, r, restart, by);
  if (x.has.masters.find((m) => m.name === name)?.status !== 'RUNNING') return { steps: start('never'), warnings: [] };
  const through = r.others.length === 0 ? [name] : r.others;
  const e = { names: x.cluster.names, through };
  const etcd = await ifAnswers(() => readEtcd(world, e));
  if (isUnwell(etcd, e.through, r.master)) return { steps: start({ ifSick: e }), warnings: restartWarnings(r) };
  if (!(await wantsStart(world, x, r.master))) return { steps: start('never'), warnings: [] };
  // An only one that left the load balancer could not be asked any more whether it is back.
  const steps = r.others.length === 0 ? start('always') : restartMaster(x.cluster, r, by);
  return { steps, warnings: restartWarnings(r) };
};

const replacing = (x: Existing, was: Master, next: Master, { by }: Preparing) => {
  const going = leavingOf(x, was, [next.name]);
  if (going.others.length === 0)
    throw new OperatorError('refused', `${was.name} is the only master: nobody is there to take its place over from`, {
      remedy: 'Bring its disk back, or tear the cluster down: trizone down',
    });
  const coming = { masters: [memberIn(x, next)], others: going.others };
  // The group of the zone stays when the next one comes to it.
  const leaving = { ...going, lastInZone: going.lastInZone && next.zone !== was.zone };
  return replaceMaster(x.cluster, leaving, coming, by);
};

const replaceWarnings = (was: Master, next: Master, hasDisk: boolean): string[] => [
  `${was.name} goes for good, ${next.name} in ${next.zone} takes its place; until then one master fewer votes.`,
  ...(hasDisk ? [`Its disk with its copy of etcd is deleted, too.`] : []),
];

const restartWarnings = ({ master, others }: Returning): string[] =>
  others.length > 1 ? [] : [`The API does not answer while ${master.name} restarts: about a minute.`];

// One whose certificates end soon: its start renews them. One whose Node was deleted: its kubelet registers at its start.
const wantsStart = async (world: Reads, x: Existing, m: Master): Promise<boolean> => {
  const nodes = await ifAnswers(async () => (await apiOf(world, x.cluster.names)).nodes());
  if (nodes === undefined) return false;
  const own = nodes.find((n) => n.name === m.name);
  return own === undefined || (own.certificatesEnd !== undefined && endSoon(own.certificatesEnd, world.wall.now()));
};

// Everything of it is gone but its vote. Where it was nobody knows, so the new one needs a zone.
const strayMember = async (
  world: Reads,
  x: Existing,
  name: string,
  zone: string | undefined,
): Promise<Master | undefined> => {
  const through = mastersOf(x.has).flatMap((m) => (m.name === name ? [] : [m.name]));
  const { members } = await readEtcd(world, { names: x.cluster.names, through });
  if (!members.some((e) => e.name === name)) return undefined;
  if (zone !== undefined) return { name, zone };
  throw new OperatorError(
    'invalid-input',
    `Nothing is left of ${name} but its vote in etcd: in which zone shall another one be?`,
    { remedy: `Name it: trizone master repair ${name} --zone Z` },
  );
};

/** Heals a master by what it lacks, or puts another one in its place. */
export const masterRepair = verb({
  name: 'master-repair',
  label: 'Repair master of {0}',
  ...{ risky: false, probed: true },
  target: { on: 'master', question: 'Repair which master?' },
  options: { zone: zoneOption('replace it by a new master in this zone', 'its own zone') },
  help: {
    words: 'master repair',
    group: 'Masters',
    does: 'start, restart, re-create, or replace a master, by what is wrong with it',
    examples: [
      'trizone master repair kubernetes-master',
      'trizone master repair kubernetes-master --zone europe-west1-d',
    ],
    never: 'Never replaces the only master. A protected cluster refuses a replacement.',
  },
  palette: {
    ...{ command: 'master.repair', title: 'Repair Master…', icon: 'tools', button: 'Repair' },
    ways: {
      question: 'How shall {0} be repaired?',
      here: {
        label: 'Repair It Where It Is',
        detail: 'Started, restarted, or made again on its disk and address; replaced where the disk is gone.',
      },
      elsewhere: {
        label: 'Replace It in Another Zone…',
        detail: 'It goes for good, and another master joins.',
      },
    },
    menu: { on: ['master'], group: '1_run@3' },
  },
  title: ({ cluster, name }) => message('Repair master {0} of {1}', name, cluster),
  stored: v.object({
    ...{ cluster: v.string(), name: v.string(), zone: v.optional(v.string()) },
    ...{ next: v.optional(masterSchema), was: v.optional(masterSchema) },
  }),
  prepare,
  again: prepare,
});
