/** Wakes all waiters when the state changes. Carries no details: each waiter checks for itself. */
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
