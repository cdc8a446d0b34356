import type { Agent } from 'node:http';
import type { RequestOptions } from 'node:https';
import { createSecureContext, type SecureContext } from 'node:tls';
import type { KubeConfig } from '@kubernetes/client-node';

/**
 * The same configuration, whose connections are let go of when the signal aborts, at whatever stage they are. A request's own
 * signal does not reach a proxy's CONNECT that has no answer yet: the client library's proxy agent (hpagent) would hold that
 * socket as long as the proxy does. It takes a signal for it, but an agent serves all requests; so each gets one of its own.
 */
export const releasedBy = (config: KubeConfig, signal: AbortSignal): KubeConfig => {
  const applyToHTTPSOptions = async (options: RequestOptions & { secureContext?: SecureContext }): Promise<void> => {
    await config.applyToHTTPSOptions(options);
    options.signal = signal;
    options.secureContext = contextOf(config, options);
    if (typeof options.agent === 'object') options.agent = derived(options.agent, { proxyRequestOptions: { signal } });
  };
  return derived(config, { applyToHTTPSOptions });
};

const contexts = new WeakMap<KubeConfig, SecureContext>();

// Each request has a connection of its own; parsing certificates and key for each of them would be most of its cost.
const contextOf = (config: KubeConfig, { ca, cert, key }: RequestOptions): SecureContext => {
  const context = contexts.get(config) ?? createSecureContext({ ca, cert, key });
  contexts.set(config, context);
  return context;
};

const derived = <T extends Agent | KubeConfig>(from: T, own: object): T => Object.assign(Object.create(from) as T, own);
