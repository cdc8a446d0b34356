import { failure, textAnswer, type Answer } from './answer.ts';
import { machineOf } from './nodeLife.ts';
import { podLife } from './podLife.ts';
import type { RequestScope } from './apiRequest.ts';
import { objectKey, podSpec } from './storedObject.ts';

/** `pods/log`: the container's output so far; fails if the kubelet's machine is silent. */
export const podLog = ({ host, view }: RequestScope, namespace: string, name: string): Answer => {
  const stored = view.data.objects[objectKey('pods', namespace, name)];
  if (stored === undefined) return failure(404, `pods "${name}" not found`, { name, kind: 'pods' });
  const { phase, node } = podLife(host, view.data, stored);
  const [container] = podSpec(stored.object).containers;
  if (phase === 'Pending')
    return failure(400, `container "${container?.name ?? ''}" in pod "${name}" is waiting to start: ContainerCreating`);
  if (node === undefined || machineOf(host, node) === undefined)
    return failure(
      500,
      `Get "https://${node?.internalIp ?? ''}:10250/containerLogs/${namespace}/${name}": dial tcp: i/o timeout`,
    );
  return textAnswer(200, stored.pod?.ended?.output ?? '');
};
