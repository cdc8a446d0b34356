import { message } from '../lib/message.ts';
import { knownFacts } from '../engine/step.ts';
import type { Ref } from '../gce/cloud.ts';
import { poll } from '../lib/deadline.ts';
import { OperatorError } from '../lib/operatorError.ts';
import { command, toRun } from '../lib/remedy.ts';
import type { Cluster } from '../model/cluster.ts';
import { isOurs } from '../model/marker.ts';
import { nodePattern } from '../model/names.ts';
import { consoleOf } from './boot.ts';
import { apiOf, ifAnswers } from './kubernetesApi.ts';
import { startAgain } from './power.ts';
import type { After, CloudStep, Reads } from './world.ts';

/** An instance of a pool. */
export interface NodeMachine {
  readonly name: string;
  readonly zone: string;
}

interface Seems {
  readonly status: string;
  readonly ready: boolean;
}

const isReady = async (world: Reads, cluster: Cluster, name: string): Promise<boolean> =>
  (await (await apiOf(world, cluster.names)).nodes()).some((n) => n.name === name && n.ready);

/** Restarts a node's instance, so that its kubelet registers; one whose Node is Ready by then is left alone. */
export const restartNode = (
  cluster: Cluster,
  machine: NodeMachine,
  after: After,
): CloudStep<void, Seems | undefined> => {
  const ref: Ref<'instances'> = { kind: 'instances', name: machine.name, zone: machine.zone };
  return {
    id: `restart:${machine.name}`,
    title: message('Restart node {0}', machine.name),
    after,
    timeoutMs: 10 * 60_000,
    expectedMs: 20_000,
    observe: async (ctx) => {
      const found = await ctx.world.cloud.compute.get(ref);
      if (found === undefined || !isOurs(cluster, found, nodePattern(cluster.name))) return undefined;
      return { status: found.status, ready: await isReady(ctx.world, cluster, machine.name) };
    },
    decide: (seen) => {
      const seems = knownFacts(seen);
      if (seems === undefined) return { do: 'refuse', error: noNode(machine.name) };
      if (seems.ready) return { do: 'nothing', out: undefined };
      const verb = seems.status === 'RUNNING' ? 'reset' : 'start';
      const detail = verb === 'reset' ? 'its Node is missing or NotReady' : `it is ${seems.status}`;
      return {
        do: 'update',
        detail,
        gcloud: `gcloud compute instances ${verb} ${machine.name} --zone=${machine.zone}`,
      };
    },
    perform: async (ctx, _change, seems) => {
      const { compute } = ctx.world.cloud;
      if (seems?.status === 'RUNNING') await compute.act(await compute.own(ref), 'reset', {}, ctx.call());
      else await startAgain(ctx, ref, ctx.call());
    },
  };
};

/** The error that the cluster has no node of that name. */
export const noNode = (name: string): OperatorError =>
  new OperatorError('not-found', `Node not found: ${name}`, { remedy: toRun('See', command`trizone status`) });

/** Waits until a restarted node is Ready. */
export const nodeReady = (cluster: Cluster, machine: NodeMachine, restarted: CloudStep): CloudStep<void, boolean> => ({
  id: `ready:${machine.name}`,
  title: message('Wait until node {0} is Ready', machine.name),
  after: [restarted],
  timeoutMs: 15 * 60_000,
  ifLate: [
    consoleOf(machine),
    toRun(
      'To let its managed instance group re-create it',
      command`gcloud compute instances delete ${machine.name} --zone=${machine.zone}`,
    ),
  ],
  expectedMs: 60_000,
  observe: (ctx) => {
    ctx.out(restarted);
    return isReady(ctx.world, cluster, machine.name);
  },
  decide: (seen) => (seen.known && seen.facts ? { do: 'nothing', out: undefined } : { do: 'wait' }),
  perform: async (ctx) => {
    await poll(ctx.clock, 3000, ctx.signal, () =>
      ifAnswers(async () => (await isReady(ctx.world, cluster, machine.name)) || undefined),
    );
  },
});
