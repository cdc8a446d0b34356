import { message } from '../lib/message.ts';
import type { Ref } from '../gce/cloud.ts';
import type { Resources } from '../gce/kinds.ts';
import { OperatorError } from '../lib/operatorError.ts';
import { command, toRun, type Remedy } from '../lib/remedy.ts';
import { poll } from '../lib/deadline.ts';
import { isOurs, type Marker } from '../model/marker.ts';
import { regionOf } from '../model/zones.ts';
import { masterPattern } from '../model/names.ts';
import { readReport, type BootReport } from './bootReport.ts';
import type { Master } from './master.ts';
import { isOff } from './power.ts';
import { knownAll, type After, type CloudStep, type Reads } from './world.ts';

interface Boot extends BootReport {
  /** The instance's status: RUNNING, TERMINATED … */
  readonly status: string;
  /** It serves, and the rest of its script is not needed. */
  readonly ready: boolean;
  /** It has been silent for so long that it will not continue by itself. */
  readonly stalled: boolean;
}

/**
 * A boot takes 2–4 minutes on Google (packages, images, kubeadm init). It is polled every 10 s, which suits the quota
 * for guest attributes, and every 2 s once it reaches the step that ends in serving: what waits for this master then
 * starts without delay. An Ubuntu machine runs its startup script within a minute; a waiting step reports once and
 * gives up after 10 min by itself (the script's longest waits, except for a cluster that does not exist yet).
 */
const boot = {
  ...{ expectedMs: 180_000, timeoutMs: 20 * 60_000, everyMs: 10_000, nearMs: 2000 },
  ...{ silentMs: 6 * 60_000, stalledMs: 12 * 60_000 },
} as const;

/** How a master boots. */
export interface Start {
  /** What the machine does by itself, as shown in the plan. */
  readonly joins: string;
  /**
   * The cluster, for its first master only: credentials and add-ons come from that master alone, so its script must run
   * to the end. A replica only has to serve: others have already published, and its timer repeats that.
   */
  readonly first?: Marker;
  /** The step that restarted it; its output is the previous boot. */
  readonly since?: CloudStep<string | undefined>;
}

/**
 * Waits until the machine itself reports, for this boot, that its own `/readyz` is ok; shows its current step and its
 * serial lines. A boot that had failed or stalled before this run observed it (a resume) is restarted: the script runs
 * at every boot.
 */
export const bootMaster = (
  master: Master,
  { joins, first, since }: Start,
  after: After,
): CloudStep<void, Boot | undefined> => {
  const ref: Ref<'instances'> = { kind: 'instances', name: master.name, zone: master.zone };
  return {
    id: `boot:${master.name}`,
    title: message('Wait until {0} serves the API', master.name),
    after: since === undefined ? after : [since, ...after],
    timeoutMs: boot.timeoutMs,
    ifLate: whatNow(master, 'Resume keeps waiting, or restarts it if it failed; undo deletes it'),
    expectedMs: boot.expectedMs,
    observe: async (ctx) => {
      if (since !== undefined) knownAll(ctx, [since]);
      const machine = await ctx.world.cloud.compute.get(ref);
      return machine && lookAt(ctx.world, ref, machine, first, since && ctx.out(since));
    },
    decide: (seen) => {
      if (!seen.known || seen.facts === undefined) return { do: 'wait', detail: joins };
      const { status, ready, serves, failure, progress, stalled } = seen.facts;
      const at = `${master.name} --zone=${master.zone}`;
      if (isOff(status))
        return { do: 'update', detail: `start it, it is ${status}`, gcloud: `gcloud compute instances start ${at}` };
      if (ready) return { do: 'nothing', out: undefined };
      const gcloud = `gcloud compute instances reset ${at}`;
      if (failure !== undefined) return { do: 'update', detail: `restart it, its boot failed: ${failure}`, gcloud };
      if (stalled && !serves)
        return { do: 'update', detail: `restart it, its boot stalled at: ${progress ?? 'no report'}`, gcloud };
      return { do: 'wait', detail: progress ?? 'no report yet' };
    },
    perform: async (ctx, change, before) => {
      const { compute } = ctx.world.cloud;
      if (change.do === 'update')
        await compute.act(await compute.own(ref), isOff(before?.status) ? 'start' : 'reset', {}, ctx.call());
      const last = since && ctx.out(since);
      const old = change.do === 'update' ? (before?.bootId ?? last) : last;
      const serial = serialReader(ctx.world, ref);
      if (since !== undefined) await serial(); // lines of the previous boot
      let everyMs: number = boot.everyMs;
      const pause = (): number => everyMs;
      const start = ctx.clock.monotonic();
      await poll(ctx.clock, pause, ctx.signal, async () => {
        const machine = await compute.get(ref);
        if (machine === undefined || isOff(machine.status)) throw notRunning(master, machine?.status);
        const now = await lookAt(ctx.world, ref, machine, first, old);
        everyMs = now.near ? boot.nearMs : boot.everyMs;
        for (const line of await serial()) ctx.progress(`serial: ${line}`);
        if (now.bootId === undefined) {
          if (ctx.clock.monotonic() - start >= boot.silentMs) throw silent(master);
          return undefined;
        }
        if (now.ready) return true;
        if (now.failure !== undefined) throw bootFailed(master, now.failure);
        if (now.progress !== undefined) ctx.progress(now.progress);
        return undefined;
      });
    },
  };
};

const lookAt = async (
  world: Reads,
  ref: Ref<'instances'>,
  machine: Pick<Resources['instances'], 'status' | 'lastStartTimestamp'>,
  first: Marker | undefined,
  old: string | undefined,
): Promise<Boot> => {
  const report = await readReport(world, ref, old);
  const { serves, done, failure, at } = report;
  const now = await world.cloud.compute.serverNow(); // the machines' timestamps are by Google's clock, not this computer's
  const started = Date.parse(machine.lastStartTimestamp) || 0;
  const patience = at > started ? boot.stalledMs : boot.silentMs;
  return {
    ...{ ...report, status: machine.status },
    ready: serves && (first === undefined || done || (failure !== undefined && !(await isAlone(world, first, ref)))),
    stalled: started > 0 && now - Math.max(started, at) >= patience,
  };
};

// A master that serves beside others is not restarted for what its timer does anyway: that would put quorum at risk.
const isAlone = async (world: Reads, owner: Marker, { zone = '' }: Ref<'instances'>): Promise<boolean> => {
  const all = await world.cloud.compute.list('instances', regionOf(zone));
  return all.filter((i) => isOurs(owner, i, masterPattern(owner.cluster))).length <= 1;
};

/** New `TRIZONE` lines of the serial console since the last call. */
const serialReader = (world: Reads, ref: Ref<'instances'>) => {
  let at = 0;
  return async (): Promise<string[]> => {
    const { text, next } = await world.cloud.compute.serialOutput(ref, at);
    at = next;
    return text.split('\n').filter((line) => line.includes('TRIZONE'));
  };
};

/** Remedy if a machine itself reported why its boot failed: restarted as it is, it would fail again. */
export const restartAfterFix = 'Fix the cause, then run trizone resume to restart it';

// Until its boot has ended, a master is not in use: the most important fact for the user.
const whatNow = (master: Master, then: string): Remedy[] => [
  { text: `It is not in use yet, and existing masters are not affected. ${then}.` },
  consoleOf(master),
];

/** The remedy that shows a machine's serial console. */
export const consoleOf = (machine: { readonly name: string; readonly zone: string }): Remedy =>
  toRun(
    'For its console',
    command`gcloud compute instances get-serial-port-output ${machine.name} --zone=${machine.zone}`,
  );

const bootFailed = (master: Master, text: string): OperatorError =>
  new OperatorError('boot-failed', `The instance reported a failed boot: ${master.name}: ${text}`, {
    remedy: text.includes(lostDisk)
      ? [
          toRun(
            'The etcd data was on the lost disk and cannot be recovered without a snapshot. Tear the cluster down and create it again',
            command`trizone down`,
          ),
          toRun('', command`trizone up`),
        ]
      : whatNow(master, `${restartAfterFix}; undo deletes it`),
  });

// Reported by the startup script's step `half-done`; a restart would only repeat it.
const lostDisk = 'this cluster was created before, but not on this disk';

const silent = (master: Master): OperatorError =>
  new OperatorError(
    'boot-failed',
    `The instance is running but has not reported for ${boot.silentMs / 60_000} min: ${master.name}`,
    {
      remedy: whatNow(master, 'Resume restarts it; undo deletes it'),
    },
  );

const notRunning = (master: Master, status: string | undefined): OperatorError =>
  status === undefined
    ? new OperatorError('boot-failed', `The instance was deleted while it was starting: ${master.name}`, {
        remedy: 'Resume creates it again; undo deletes what is left of it.',
      })
    : new OperatorError('boot-failed', `The instance was stopped while it was starting: ${master.name} is ${status}`, {
        remedy: whatNow(master, 'Resume starts it again; undo deletes it'),
      });
