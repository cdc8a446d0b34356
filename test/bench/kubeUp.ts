import { stepsOf } from '../../src/boot/steps.ts';
import type { Role } from '../../src/boot/config.ts';
import { drawLatency } from '../../src/emulator/cloud.ts';
import { stepMs } from '../../src/emulator/guest/bootWalk.ts';
import { kernelMs } from '../../src/emulator/guest/simulated.ts';
import { nodeTimes } from '../../src/emulator/kubernetes/nodeLife.ts';
import { defaultLatency } from '../../src/emulator/latency.ts';
import { seededIds } from '../../src/lib/ids.ts';
import { readRecording, type Recorded } from './kubeUpRecording.ts';

/** Delays other than the cloud's own. */
export interface Conditions {
  /** Milliseconds until a moved address answers again: the article says about 15 minutes; 0 excludes them. */
  readonly movedMs: number;
  /** Overhead of each gcloud, gsutil, and ssh command (start, sign-in, one request), milliseconds; 0 excludes it. */
  readonly commandMs: number;
}

/** The article: "it takes … ~15 minutes", whenever the address moves between the first master and the load balancer. */
export const documentedMoveMs = 15 * 60_000;

const { calls, gcloud_polling: gcloud } = readRecording();
// NUM_NODES=3 in every call.
const nodesOfGroup = [0, 1, 2] as const;

/**
 * kube-up's recorded calls on the emulator's latencies and the boot times of Trizone's machines. Anything the recording
 * leaves open is decided in kube-up's favor: reads, uploads of the release, and commands inside an ssh take no time; a
 * closed port refuses at once; machines need no join secret, so that a node is registered as soon as it has booted and
 * the API answers; Node objects of deleted machines are not waited for; no operation fails. Only what was recorded
 * counts against it: its order, its joins of background jobs, and its own pauses.
 */
class Replay {
  private readonly c: Conditions;
  private readonly draw: Parameters<typeof drawLatency>[0];
  /** Time at which each machine's Node is Ready, by name; nodes by zone and number. */
  private readonly ready = new Map<string, number>();
  private readonly stable = new Map<string, number>();
  private apiAt = Infinity;
  private awayUntil = 0;

  constructor(seed: string, c: Conditions) {
    this.c = c;
    this.draw = { latency: defaultLatency, ids: seededIds(seed) };
  }

  /** End of an operation that starts at this time. */
  end(call: number, o: Recorded, begin: number): number {
    const start = begin + (isCommand(o) ? this.c.commandMs : 0);
    if (o.rc !== undefined) return start;
    if (o.kind === 'wait-until-stable') return polled(start, this.stable.get(o.scope) ?? 0, intervalMs(o));
    if (o.kind === 'probe-api') return this.probed(call, o, start);
    if (o.kind === 'validate-poll' && o.resource === 'nodes') return this.validated(o, start);
    return isMutation(o) ? this.mutated(call, o, start) : start;
  }

  // gcloud polls its operation after 1, 2, 3, 4, and then every 5 seconds.
  private mutated(call: number, o: Recorded, start: number): number {
    const done = start + this.effect(o, start);
    const { operation_poll_s: pauses, operation_poll_max_s: most } = gcloud;
    let at = start;
    for (let i = 0; at < done; i++) at += (pauses[i] ?? most) * 1000;
    // Call 7 returns the static address to the first master.
    if (call === 7 && o.kind === 'instances.addAccessConfig') this.awayUntil = at + this.c.movedMs;
    return at;
  }

  // Duration of the operation, and its effect.
  private effect(o: Recorded, start: number): number {
    const group = nodesOfGroup.map((n) => `${o.scope}/${n}`);
    if (o.kind === 'instanceGroupManagers.delete') {
      for (const node of group) this.ready.delete(node);
      return Math.max(...group.map(() => drawLatency(this.draw, 'instances.delete')));
    }
    const lasts = drawLatency(this.draw, o.kind);
    if (o.kind === 'instanceGroupManagers.insert') {
      const power = group.map((node) => [node, start + lasts + drawLatency(this.draw, 'instances.insert')] as const);
      this.stable.set(o.scope, Math.max(...power.map(([, at]) => at)));
      for (const [node, at] of power) this.registered(node, at + this.boot('node', 'join-node'));
    }
    if (o.kind === 'instances.insert') this.master(o.resource, start + lasts);
    if (o.kind === 'instances.delete') this.ready.delete(o.resource);
    return lasts;
  }

  private master(name: string, power: number): void {
    const isFirst = this.apiAt === Infinity;
    const up = power + (isFirst ? this.boot('first', 'serving') : this.boot('replica', 'join-master'));
    if (isFirst) this.apiAt = up;
    this.registered(name, up);
  }

  private registered(node: string, booted: number): void {
    this.ready.set(node, Math.max(booted, this.apiAt) + nodeTimes.initializeMs + nodeTimes.networkMs);
  }

  private boot(role: Role, last: string): number {
    const steps = stepsOf(role);
    const walked = steps
      .slice(0, steps.findIndex((s) => s.id === last) + 1)
      .filter((s) => s.effect !== 'await-endpoint');
    return walked.reduce((sum, s) => sum + stepMs(this.draw.ids, s.expectedSeconds), kernelMs);
  }

  // Call 1 waits for the first API; call 4, without polling, for the moved address to answer through the load balancer.
  private probed(call: number, o: Recorded, start: number): number {
    return call === 1 ? polled(start, this.apiAt, intervalMs(o)) : start + this.c.movedMs;
  }

  // While the API is not responding, each round tries kubectl three times, one second apart.
  private validated(o: Recorded, start: number): number {
    const whole = Math.max(...this.ready.values());
    let at = start;
    while (at < Math.max(whole, this.awayUntil)) at += intervalMs(o) + (at < this.awayUntil ? 2000 : 0);
    return at;
  }
}

const intervalMs = (o: Recorded): number => (o.poll?.interval_s ?? 0) * 1000;

const polled = (start: number, until: number, everyMs: number): number => {
  let at = start;
  while (at < until) at += everyMs;
  return at;
};

const isMutation = (o: Recorded): boolean => o.kind.includes('.') && !o.kind.startsWith('storage.');

// Commands inside another gcloud command have no startup overhead; curl and kubectl start fast.
const isCommand = (o: Recorded): boolean =>
  !['download', 'probe-api', 'validate-poll', 'kubectl'].includes(o.kind) && !o.note.startsWith('inside gcloud');

/** Milliseconds of each of the ten calls in order: five of setup, five of teardown. */
export const replayKubeUp = (seed: string, c: Conditions): number[] => {
  const replay = new Replay(seed, c);
  let now = 0;
  return calls.map(({ id, operations }) => {
    const start = now;
    const ends = new Map<number, number>();
    for (const o of operations) {
      const begin = Math.max(start, ...o.after.map((a) => ends.get(a) ?? NaN));
      ends.set(o.seq, replay.end(id, o, begin));
    }
    now = Math.max(...ends.values());
    return now - start;
  });
};
