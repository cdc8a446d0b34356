/** Wakes everybody who waits for the state to change; nobody is told what changed, they look for themselves. */
export const changeSignal = (): { wait(): Promise<void>; tell(): void } => {
  let current = Promise.withResolvers<undefined>();
  return {
    wait: async () => {
      await current.promise;
    },
    tell: () => {
      const waiting = current;
      current = Promise.withResolvers<undefined>();
      waiting.resolve(undefined);
    },
  };
};
