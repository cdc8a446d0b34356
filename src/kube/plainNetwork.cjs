'use strict';

// VS Code replaces the `request` of Node's http and https modules in an extension host: it puts agents of its own, made from
// its proxy settings (http.proxySupport), in the place of ours. A cluster's `proxy-url` would be passed over and the request
// sent to the address itself. A cluster is reached as kubectl reaches it, so requests are made as Node's own `request` makes
// them (lib/https.js), from the class that nobody replaces. `esbuild.js` gives these to the Kubernetes library.

const { ClientRequest } = require('node:http');
const { urlToHttpOptions } = require('node:url');

/** The `http` or `https` module with a `request` that keeps the agent that it is given. */
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
