import * as v from 'valibot';
import { parseAnswer } from './answer.ts';
import { listOf, textField } from './fields.ts';
import type { Transport } from './transport.ts';

const page = v.object({ items: listOf(v.unknown()), nextPageToken: textField });

interface Asked {
  readonly project: string;
  readonly httpHealthCheck?: string;
  readonly requestId?: string;
  readonly pageToken?: string;
}

/**
 * Legacy HTTP health checks (REST reference: v1 httpHealthChecks), with the interface of a client class. The library
 * omits them, but the load balancers that Kubernetes creates for Services use them.
 */
export const legacyClient = (send: Transport['send'], { origin }: URL) => {
  const ask = async (method: string, asked: Asked, query: string, { signal }: { signal?: AbortSignal }) => {
    const one = asked.httpHealthCheck === undefined ? '' : `/${asked.httpHealthCheck}`;
    const url = `${origin}/compute/v1/projects/${asked.project}/global/httpHealthChecks${one}${query}`;
    const answer = await send(url, { method, headers: {}, ...(signal && { signal }) });
    return answer.json();
  };
  type Method = (request: object, options: object) => Promise<readonly unknown[]>;
  const get: Method = async (request, options) => [await ask('GET', request as Asked, '', options)];
  const list: Method = async (request, options) => {
    const from = (request as Asked).pageToken;
    const answer = await ask('GET', request as Asked, from === undefined ? '' : `?pageToken=${from}`, options);
    const { items, nextPageToken } = parseAnswer('httpHealthChecks.list', page, answer);
    return [items, nextPageToken === '' ? null : { ...request, pageToken: nextPageToken }];
  };
  const remove: Method = async (request, options) => {
    const { requestId } = request as Asked;
    const query = requestId === undefined ? '' : `?requestId=${requestId}`;
    return [{ latestResponse: await ask('DELETE', request as Asked, query, options) }];
  };
  return { initialize: () => Promise.resolve(), get, list, delete: remove };
};
