import type { Agent } from 'node:http';
import type { RequestOptions } from 'node:https';
import { createSecureContext, type SecureContext } from 'node:tls';
import type { KubeConfig } from '@kubernetes/client-node';

/**
 * The same configuration, but its connections are released when the signal aborts, at any stage. A request's own signal
 * does not reach a proxy's CONNECT that is still waiting for a response: the client library's proxy agent (hpagent)
 * would hold that socket as long as the proxy does. The agent accepts a signal for it, but serves all requests; so each
 * request gets its own agent.
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

// Each request has its own connection; parsing certificates and key for each would dominate its cost.
const contextOf = (config: KubeConfig, { ca, cert, key }: RequestOptions): SecureContext => {
  const context = contexts.get(config) ?? createSecureContext({ ca, cert, key });
  contexts.set(config, context);
  return context;
};

const derived = <T extends Agent | KubeConfig>(from: T, own: object): T => Object.assign(Object.create(from) as T, own);
