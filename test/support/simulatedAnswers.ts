import assert from 'node:assert/strict';
import { runChecks } from '../../src/steps/checks.ts';
import { assertDone, cluster, replicate, resizePool, statusOf, zoneB, zoneC, zoneD } from '../world/verbs.ts';
import type { Site } from './answersSite.ts';
import { answersOf } from './answersStory.ts';
import { articleWish, cloudWorld, project, type CloudWorld } from './cloudWorld.ts';
import type { Cleanup } from './engineWorld.ts';
import { connectionBy } from './kubeConnection.ts';
import type { Moments } from './kubernetesAnswers.ts';

/** The simulated Kubernetes' answers to everything that was asked of a real one (`npm run lab -- record`). */
export const simulatedAnswers = async (t: Cleanup): Promise<Moments> => {
  const w = await cloudWorld(t, 'answers');
  assertDone(await w.up(undefined, { ...articleWish, nodes: 1 }));
  return answersOf(await siteOf(w));
};

const siteOf = async (w: CloudWorld): Promise<Site> => {
  const { session } = await w.program();
  const kubeconfig = (await session.kubeconfig(`${cluster}-admin`)) ?? assert.fail('no kubeconfig');
  return {
    api: connectionBy(kubeconfig, w.clock),
    clock: w.clock,
    grow: async () => {
      assertDone(await resizePool(w, zoneB, 2));
      for (const zone of [zoneC, zoneD]) assertDone(await replicate(w, zone));
    },
    stop: async (name) => {
      const { masters, pools } = await statusOf(w);
      const nodes = pools.flatMap((p) => p.nodes.map((n) => ({ name: n.name, zone: p.zone })));
      const { zone } = [...masters, ...nodes].find((m) => m.name === name) ?? assert.fail(`no machine ${name}`);
      await w.request('POST', `/compute/v1/projects/${project}/zones/${zone}/instances/${name}/stop`);
    },
    validate: async () => {
      const { uid } = await statusOf(w);
      const checks = await runChecks(session.world, { cluster, uid });
      return { cluster, valid: checks.every((c) => c.ok), checks };
    },
  };
};
