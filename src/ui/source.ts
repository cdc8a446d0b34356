import { nodeWords, readCloud, readKubernetes } from '../steps/status.ts';
import type { Reads } from '../steps/world.ts';
import type { Source } from './observationParts.ts';

/** What an observation needs, out of an opened session's world. It brings the cloud's code with it: loaded on first use. */
export const sourceOf = (world: Reads): Source => ({
  cloud: world.cloud.label,
  project: world.cloud.project,
  readCloud: () => readCloud(world),
  readKubernetes: (door, signal) => readKubernetes(world, door, signal),
  watchNodes: async (door, tell, signal) => {
    const kubernetes = await world.kubernetes(door.adminSecret);
    await kubernetes?.watchNodes((nodes) => tell(nodeWords(nodes)), signal);
  },
});
