import { WebSocketServer, type WebSocket } from 'ws';
import { failure, type Answer } from './answer.ts';
import { attach } from './attach.ts';
import type { SimulatedEtcd } from './etcd.ts';
import { runEtcdctl } from './etcdctl.ts';
import { printed, type Printed } from './etcdctlWords.ts';
import { machineOf } from './nodeLife.ts';
import { podLife } from './podLife.ts';
import { runProgram } from './programs.ts';
import { programStart, sendResult } from './remoteCommand.ts';
import type { RequestScope } from './apiRequest.ts';
import { objectKey, type StoredObject } from './storedObject.ts';
import type { Upgrade } from './upgrade.ts';

const protocols = ['v5.channel.k8s.io', 'v4.channel.k8s.io'];

const path = /^\/api\/v1\/namespaces\/([^/]+)\/pods\/([^/]+)\/(exec|attach)$/;

const server = new WebSocketServer({
  noServer: true,
  handleProtocols: (offered) => protocols.find((p) => offered.has(p)) ?? false,
});

/** Runs a command in a pod, or attaches to it, over WebSocket; returns an error answer if it cannot. */
export const serveExec = (scope: RequestScope, upgrade: Upgrade): Answer | undefined => {
  const [, namespace = '', pod, verb] = path.exec(upgrade.url.pathname) ?? [];
  if (pod === undefined) return failure(404, 'the server could not find the requested resource');
  const open = (use: (connection: WebSocket) => void): undefined =>
    server.handleUpgrade(upgrade.request, upgrade.socket, upgrade.head, use) as undefined;
  const member =
    namespace === 'kube-system' ? scope.view.etcd.members.find((m) => pod === `etcd-${m.name}`) : undefined;
  const stored = scope.view.data.objects[objectKey('pods', namespace, pod)];
  if (member === undefined && stored === undefined)
    return failure(404, `pods "${pod}" not found`, { name: pod, kind: 'pods' });
  const refused = member === undefined ? unreachable(scope, stored) : silent(scope, member.id, member.name);
  if (refused !== undefined) return refused;
  if (verb === 'attach') {
    const phase = stored === undefined ? 'Running' : podLife(scope.host, scope.view.data, stored).phase;
    if (stored === undefined || phase !== 'Running')
      return failure(400, `cannot attach a container in a completed pod; current phase is ${phase}`);
    return open((connection) => attach(connection, upgrade, objectKey('pods', namespace, pod)));
  }
  const command = upgrade.url.searchParams.getAll('command');
  if (command.length === 0) return failure(400, 'you must specify at least 1 command for the container');
  return open((connection) => {
    const result = member === undefined ? inPod(scope, namespace, command) : inEtcd(scope, member.id, command);
    void programStart(connection, upgrade.request).then(() => sendResult(connection, result, command));
  });
};

// The API server relays to the pod's kubelet, which is silent when its machine is down.
const silent = ({ view }: RequestScope, id: string, name: string): Answer | undefined =>
  view.running.has(id)
    ? undefined
    : failure(500, `error dialing backend: dial tcp: connect to ${name}:10250: i/o timeout`);

const unreachable = ({ host, view }: RequestScope, stored: StoredObject | undefined): Answer | undefined => {
  if (stored === undefined) return undefined;
  const { node, phase } = podLife(host, view.data, stored);
  if (node === undefined) return failure(400, `pod ${stored.object.metadata.name} does not have a host assigned`);
  if (machineOf(host, node) === undefined)
    return failure(500, `error dialing backend: dial tcp ${node.internalIp}:10250: i/o timeout`);
  return phase === 'Pending' ? failure(500, 'unable to upgrade connection: container not found') : undefined;
};

const inEtcd = (scope: RequestScope, self: string, [program = '', ...args]: readonly string[]): Printed => {
  const { host, view, write } = scope;
  const pod = {
    view,
    self,
    now: host.clock.now(),
    ids: host.ids,
    write: (etcd: SimulatedEtcd) => write(() => ({ etcd })),
  };
  return program === 'etcdctl' ? runEtcdctl(pod, args) : notFound(program);
};

const inPod = ({ host, view }: RequestScope, namespace: string, command: readonly string[]): Printed => {
  const { code, output } = runProgram(host, view.data, namespace, command);
  if (code === 127) return notFound(command[0] ?? '');
  return code === 0 ? printed(output) : { stdout: '', stderr: output, code };
};

const notFound = (program: string): Printed => ({
  stdout: '',
  stderr: `exec failed: unable to start container process: exec: "${program}": executable file not found in $PATH\n`,
  code: 127,
});
