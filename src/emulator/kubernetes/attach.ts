import type { WebSocket } from 'ws';
import { printed } from './etcdctlWords.ts';
import type { Upgrade } from './exec.ts';
import { sendResult } from './remoteCommand.ts';

/** Stays with a running container until it ends, then passes on what it wrote. An attached client learns no exit code. */
export const attach = (connection: WebSocket, { subscribe, still }: Upgrade, key: string): void => {
  const look = (): void => {
    const scope = still();
    const pod = scope?.view.data.objects[key];
    if (pod !== undefined && pod.pod?.ended === undefined) return;
    unsubscribe();
    sendResult(connection, printed(pod?.pod?.ended?.output ?? ''), []);
  };
  const unsubscribe = subscribe(look);
  connection.on('close', unsubscribe);
};
