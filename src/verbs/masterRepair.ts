import * as v from 'valibot';
import { message } from '../lib/message.ts';
import { OperatorError } from '../lib/operatorError.ts';
import { command, toRun } from '../lib/remedy.ts';
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

/** With a zone, the master is replaced by a new one there. */
interface Request extends MasterRequest {
  readonly zone?: string | undefined;
  /** The replacement, known to a resumed run, and the place of the old master. */
  readonly next?: Master | undefined;
  readonly was?: Master | undefined;
}

const outOfReach = (master: Master): OperatorError =>
  new OperatorError('unavailable', `${master.zone} is unreachable, so the state of ${master.name} is unknown`, {
    retry: 'later',
    remedy: toRun(
      'Wait for the zone, or replace the master in another zone',
      command`trizone master repair ${master.name} --zone Z`,
    ),
  });

/**
 * Chooses the repair for a master: one that is off is started; one that hangs, whose Node was deleted, or whose
 * certificates expire soon is restarted; one whose instance is gone is re-created on its disk and address. If the disk
 * is gone, too, or another zone is given, a new master replaces it.
 */
const prepare = async (world: Reads, request: Request, options: Preparing): Promise<Work> => {
  const x = await readExisting(world, request.cluster);
  const zone = request.zone === undefined ? undefined : checkClusterZone(x, request.zone);
  const { name } = request;
  const was = (await placeOf(world, x, name)) ?? request.was ?? (await strayMember(world, x, name, zone));
  if (was === undefined) throw noMaster(x, name);
  const elsewhere = zone !== undefined && zone !== was.zone;
  if (!elsewhere && x.has.unreachable.includes(was.zone)) throw outOfReach(was);
  const target = forCluster(world, x.cluster);
  const hasMachine = x.has.masters.some((m) => m.name === was.name);
  const hasDisk = x.has.disks.some((d) => d.name === x.cluster.names.masterDisk(was.name));
  if (elsewhere || request.next !== undefined || !hasDisk) {
    const next = request.next ?? { name: freshMaster(x, options.ids, [was.name]), zone: zone ?? was.zone };
    const input = { ...request, zone, was, next };
    return { ...target, steps: replacing(x, was, next, options), input, warnings: replaceWarnings(was, next, hasDisk) };
  }
  const others = mastersOf(x.has).flatMap((m) => (m.name === was.name ? [] : [m.name]));
  const r: Returning = { master: memberIn(x, was), others };
  const input = { cluster: request.cluster, name };
  if (!hasMachine) return { ...target, steps: recreateMaster(x.cluster, r, options.by), input };
  return { ...target, ...(await healing(world, x, r, options)), input };
};

// An announced start remains a start: by then, the instance may be running and healthy.
const healing = async (world: Reads, existing: Existing, returning: Returning, { by }: Preparing) => {
  const { name } = returning.master;
  const start = (restart: Restart) => startMaster(existing.cluster, returning, restart, by);
  if (existing.has.masters.find((m) => m.name === name)?.status !== 'RUNNING')
    return { steps: start('never'), warnings: [] };
  const through = returning.others.length === 0 ? [name] : returning.others;
  const e = { names: existing.cluster.names, through };
  const etcd = await ifAnswers(() => readEtcd(world, e));
  if (isUnwell(etcd, e.through, returning.master))
    return { steps: start({ ifUnhealthy: e }), warnings: restartWarnings(returning) };
  if (!(await wantsStart(world, existing, returning.master))) return { steps: start('never'), warnings: [] };
  // A sole master that left the load balancer could not be reached to check whether it is back.
  const steps = returning.others.length === 0 ? start('always') : restartMaster(existing.cluster, returning, by);
  return { steps, warnings: restartWarnings(returning) };
};

const replacing = (existing: Existing, was: Master, next: Master, { by }: Preparing) => {
  const going = leavingOf(existing, was, [next.name]);
  if (going.others.length === 0)
    throw new OperatorError(
      'refused',
      `${was.name} is the only master, so no other master has a copy of its etcd data`,
      {
        remedy: toRun('Restore its disk, or tear the cluster down', command`trizone down`),
      },
    );
  const coming = { masters: [memberIn(existing, next)], others: going.others };
  // The zone's group stays if the replacement is in the same zone.
  const leaving = { ...going, lastInZone: going.lastInZone && next.zone !== was.zone };
  return replaceMaster(existing.cluster, leaving, coming, by);
};

const replaceWarnings = (was: Master, next: Master, hasDisk: boolean): string[] => [
  `${was.name} will be permanently removed and replaced by ${next.name} in ${next.zone}. Until then, there is one voter fewer.`,
  ...(hasDisk ? [`Its disk with its copy of the etcd data will also be deleted.`] : []),
];

const restartWarnings = ({ master, others }: Returning): string[] =>
  others.length > 1 ? [] : [`The API will be unavailable for about a minute while ${master.name} restarts.`];

// For expiring certificates: a boot renews them. For a deleted Node: kubelet registers at startup.
const wantsStart = async (world: Reads, existing: Existing, master: Master): Promise<boolean> => {
  const nodes = await ifAnswers(async () => (await apiOf(world, existing.cluster.names)).nodes());
  if (nodes === undefined) return false;
  const own = nodes.find((n) => n.name === master.name);
  return own === undefined || (own.certificatesEnd !== undefined && endSoon(own.certificatesEnd, world.wall.now()));
};

// Only its etcd member is left. Its zone is unknown, so the replacement needs one.
const strayMember = async (
  world: Reads,
  existing: Existing,
  name: string,
  zone: string | undefined,
): Promise<Master | undefined> => {
  const through = mastersOf(existing.has).flatMap((m) => (m.name === name ? [] : [m.name]));
  const { members } = await readEtcd(world, { names: existing.cluster.names, through });
  if (!members.some((e) => e.name === name)) return undefined;
  if (zone !== undefined) return { name, zone };
  throw new OperatorError(
    'invalid-input',
    `Only the etcd member of ${name} is left. A zone is required for its replacement`,
    { remedy: toRun('Specify the zone', command`trizone master repair ${name} --zone Z`) },
  );
};

/** Repairs a master according to its fault, or replaces it. */
export const masterRepair = verb({
  name: 'master-repair',
  label: 'Repair master of {0}',
  ...{ risky: false, probed: true },
  target: { on: 'master', question: 'Select a master to repair' },
  options: { zone: zoneOption('replace it with a new master in this zone', 'its own zone') },
  help: {
    words: 'master repair',
    group: 'Masters',
    does: 'start, restart, re-create, or replace a master, whichever it needs',
    examples: [
      'trizone master repair kubernetes-master',
      'trizone master repair kubernetes-master --zone europe-west1-d',
    ],
    never: 'Never replaces the only master. A protected cluster refuses replacement.',
  },
  palette: {
    ...{ command: 'master.repair', title: 'Repair Master…', icon: 'tools', button: 'Repair' },
    ways: {
      question: 'How do you want to repair {0}?',
      here: {
        label: 'Repair in Place',
        detail: 'Start it, restart it, or re-create it on its disk and address. If the disk is gone, replace it.',
      },
      elsewhere: {
        label: 'Replace in Another Zone…',
        detail: 'Permanently remove it and add a new master.',
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
