import { nodeWords, readCloud, readKubernetes } from '../steps/status.ts';
import type { Reads } from '../steps/world.ts';
import type { ObservationSource } from './observationParts.ts';

/** An observation's source, from an open session's world. Pulls in the cloud code: loaded on first use. */
export const sourceOf = (world: Reads): ObservationSource => ({
  cloud: world.cloud.label,
  project: world.cloud.project,
  readCloud: () => readCloud(world),
  readKubernetes: (access, signal) => readKubernetes(world, access, signal),
  watchNodes: async (access, listener, signal) => {
    const kubernetes = await world.kubernetes(access.adminSecret);
    await kubernetes?.watchNodes((nodes) => listener(nodeWords(nodes)), signal);
  },
});
