import { knownFacts } from '../engine/step.ts';
import type { Resources } from '../gce/kinds.ts';
import { message } from '../lib/message.ts';
import type { Cluster } from '../model/cluster.ts';
import { labelKeys } from '../model/marker.ts';
import { rootRef } from './lease.ts';
import type { CloudStep } from './world.ts';

/**
 * Protects a cluster against drills, removals, and teardown, or removes the protection: a label on its root record,
 * written by compare-and-set (`labelFingerprint`), so that it applies to every computer.
 */
export const setProtection = (
  cluster: Pick<Cluster, 'region' | 'names'>,
  on: boolean,
): CloudStep<void, Resources['addresses'] | undefined> => ({
  id: `protect:${cluster.names.rootAddress}`,
  title: on ? message('Protect the cluster') : message('Unprotect the cluster'),
  after: [],
  timeoutMs: 300_000,
  expectedMs: 4000,
  observe: (ctx) => ctx.world.cloud.compute.get(rootRef(cluster)),
  decide: (seen) => {
    const isOn = knownFacts(seen)?.labels[labelKeys.protected] === 'true';
    return isOn === on ? { do: 'nothing', out: undefined } : { do: 'update', detail: `${labelKeys.protected}=${on}` };
  },
  perform: async (ctx, _change, found) => {
    if (found === undefined) return;
    const others = Object.entries(found.labels).filter(([key]) => key !== labelKeys.protected);
    const labels = Object.fromEntries(on ? [...others, [labelKeys.protected, 'true']] : others);
    const body = { labels, labelFingerprint: found.labelFingerprint };
    const { compute } = ctx.world.cloud;
    await compute.act(await compute.own(rootRef(cluster)), 'setLabels', body, ctx.call());
  },
});
