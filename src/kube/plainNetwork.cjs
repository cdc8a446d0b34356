'use strict';

// In an extension host, VS Code replaces the `request` of Node's http and https modules and substitutes our agents with
// its own, based on its proxy settings (http.proxySupport). A cluster's `proxy-url` would be ignored and the request
// sent directly. A cluster must be reached as kubectl reaches it, so we make requests as Node's own `request` does
// (lib/https.js), with the class that nothing replaces. `esbuild.js` injects these into the Kubernetes library.

const { ClientRequest } = require('node:http');
const { urlToHttpOptions } = require('node:url');

/** The `http` or `https` module with a `request` that keeps the given agent. */
exports.plainModule = (name) => {
  const module = require(`node:${name}`);
  const request = (...args) => {
    const address =
      typeof args[0] === 'string' || args[0] instanceof URL ? urlToHttpOptions(new URL(args.shift())) : {};
    const options = { ...address, ...(typeof args[0] === 'object' ? args.shift() : {}) };
    const agent = options.agent ?? module.globalAgent;
    return new ClientRequest({ ...options, agent, protocol: options.protocol ?? module.globalAgent.protocol }, ...args);
  };
  const get = (...args) => {
    const sent = request(...args);
    sent.end();
    return sent;
  };
  return { ...module, request, get };
};
