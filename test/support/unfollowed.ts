import { createHook } from 'node:async_hooks';

/*
 * node:test follows every promise, to name the test that a stray error comes from; that is a third of all computing in tests of
 * asynchronous code. Preloaded, this leaves it out: a stray error then fails its file instead of its test. Nothing else here
 * uses such hooks (AsyncLocalStorage does not since Node 24).
 */
const hooks = Object.getPrototypeOf(createHook({})) as { enable: () => unknown };
hooks.enable = function () {
  return this;
};
