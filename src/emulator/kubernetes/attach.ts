import type { WebSocket } from 'ws';
import { printed } from './etcdctlWords.ts';
import type { Upgrade } from './upgrade.ts';
import { programStart, sendResult } from './remoteCommand.ts';

/** Stays attached to a running container until it ends, then sends its output. An attached client gets no exit code. */
export const attach = (connection: WebSocket, { request, subscribe, still }: Upgrade, key: string): void => {
  const started = programStart(connection, request);
  const look = (): void => {
    const scope = still();
    const pod = scope?.view.data.objects[key];
    if (pod !== undefined && pod.pod?.ended === undefined) return;
    unsubscribe();
    const output = printed(pod?.pod?.ended?.output ?? '');
    void started.then(() => sendResult(connection, output, []));
  };
  const unsubscribe = subscribe(look);
  connection.on('close', unsubscribe);
};
