import type { Agent } from 'node:http';
import type { RequestOptions } from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';

/**
 * The same configuration, whose connections are let go of when the signal aborts, at whatever stage they are. A request's own
 * signal does not reach a proxy's CONNECT that has no answer yet: the client library's proxy agent (hpagent) would hold that
 * socket as long as the proxy does. It takes a signal for it, but an agent serves all requests; so each gets one of its own.
 */
export const releasedBy = (config: KubeConfig, signal: AbortSignal): KubeConfig => {
  const applyToHTTPSOptions = async (options: RequestOptions): Promise<void> => {
    await config.applyToHTTPSOptions(options);
    options.signal = signal;
    if (typeof options.agent === 'object') options.agent = derived(options.agent, { proxyRequestOptions: { signal } });
  };
  return derived(config, { applyToHTTPSOptions });
};

const derived = <T extends Agent | KubeConfig>(from: T, own: object): T => Object.assign(Object.create(from) as T, own);
