import { message } from '../lib/message.ts';
import { cleanedUp } from '../engine/cleanUp.ts';
import type { WriteContext } from '../engine/step.ts';
import type { Ref } from '../gce/cloud.ts';
import type { KubernetesWriter } from '../kube/kubernetes.ts';
import { poll } from '../lib/deadline.ts';
import type { Cluster } from '../model/cluster.ts';
import type { MomentKey, Timeline } from '../model/timeline.ts';
import { lastBoot } from './bootReport.ts';
import { readEtcd } from './etcd.ts';
import { apiOf, ifAnswers } from './kubernetesApi.ts';
import { backendWords } from './loadBalancer.ts';
import type { Master } from './master.ts';
import { whileOff } from './power.ts';
import { temporaryNamespaces } from './takeBack.ts';
import { Testbed, zonesOfNodes } from './testbed.ts';
import type { After, CloudStep, Reads, Writes } from './world.ts';

/** What a drill needs to know. */
export interface Drill {
  readonly cluster: Cluster;
  readonly master: Master;
  readonly others: readonly string[];
  readonly timeline: Timeline;
}

const lookEveryMs = 2000;

/**
 * Halts a master, watches the cluster's reaction, runs a workload while it is off, and always starts it again: the
 * article's steps 8 to 10. Its output is the previous boot.
 */
export const haltAndWatch = (drill: Drill, after: After): CloudStep<string | undefined> => ({
  id: `halt:${drill.master.name}`,
  title: message('Halt {0}, watch the cluster, then start it again', drill.master.name),
  after,
  risk: 'quorum',
  cleansUp: true,
  timeoutMs: 20 * 60_000,
  expectedMs: 150_000,
  observe: () => Promise.resolve(undefined),
  decide: () => ({
    do: 'update',
    detail: 'stopped until its Node is NotReady and a new workload responds, then started',
    gcloud: `gcloud compute instances stop ${drill.master.name} --zone=${drill.master.zone}`,
  }),
  perform: async (ctx) => {
    const ref: Ref<'instances'> = { kind: 'instances', name: drill.master.name, zone: drill.master.zone };
    const before = await lastBoot(ctx.world, ref);
    const report: ReportMoment = (key, text) => {
      drill.timeline.note(ctx.clock.monotonic(), key, text);
      ctx.progress(text);
    };
    const kubernetes = await apiOf(ctx.world, drill.cluster.names);
    const bed = new Testbed(kubernetes, temporaryNamespaces.drill, ctx.clock);
    const watchAndWork = async (): Promise<void> => {
      report('halted', `${drill.master.name} is halted`);
      await watch(ctx, drill, kubernetes, report);
      await work(ctx, kubernetes, bed, report);
    };
    const halt = async (): Promise<void> => {
      report('begun', 'all masters are serving; deploying nginx');
      await bed.serve('nginx', ctx.signal);
      // Whatever goes wrong, and even on cancel, the master must not stay off.
      await whileOff(ctx, ref, watchAndWork);
      report('started', `${drill.master.name} is powered on again`);
    };
    await cleanedUp(ctx, halt, () => bed.close());
    return before;
  },
});

type ReportMoment = (key: MomentKey, text: string) => void;

// Until the load balancer has dropped it, etcd has a leader, and Kubernetes marks it NotReady; each is reported once.
const watch = async (
  ctx: WriteContext<Writes>,
  drill: Drill,
  kubernetes: KubernetesWriter,
  report: ReportMoment,
): Promise<void> => {
  const reported = new Set<MomentKey>();
  const once: ReportMoment = (key, text) => {
    if (!reported.has(key)) report(key, text);
    reported.add(key);
  };
  await poll(ctx.clock, lookEveryMs, ctx.signal, async () => {
    const health = await backendWords(ctx.world, drill.cluster, drill.master);
    if (health !== undefined) once('backend', `the load balancer stopped using it (${health})`);
    const leader = await leaderNow(ctx.world, drill);
    if (leader !== undefined) once('leader', `the etcd leader is ${leader}`);
    const ready = await readyNow(kubernetes, drill.master.name);
    if (ready === false) once('node', 'its Node is NotReady');
    return reported.size === 3 ? true : undefined;
  });
};

const leaderNow = (world: Reads, drill: Drill): Promise<string | undefined> =>
  ifAnswers(async () => {
    const { members } = await readEtcd(world, { names: drill.cluster.names, through: drill.others });
    return members.find((e) => e.leader && e.name !== drill.master.name)?.name;
  });

const readyNow = (kubernetes: KubernetesWriter, name: string): Promise<boolean | undefined> =>
  ifAnswers(async () => (await kubernetes.nodes()).find((n) => n.name === name)?.ready);

// As in the article: the first nginx still responds, and a new one can be deployed while the master is down.
const work = async (
  ctx: WriteContext<Writes>,
  kubernetes: KubernetesWriter,
  bed: Testbed,
  report: ReportMoment,
): Promise<void> => {
  const [zone = ''] = await zonesOfNodes(kubernetes);
  await bed.fetch('nginx', zone, ctx.signal);
  report('answers', 'nginx still responds');
  await bed.serve('nginx-next', ctx.signal);
  await bed.fetch('nginx-next', zone, ctx.signal);
  report('deployed', 'nginx-next was deployed and responds');
};
