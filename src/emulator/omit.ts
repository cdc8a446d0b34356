/** The object without one of its fields (an undefined field would not survive a restart, so it may not be there at all). */
export const omit = <T extends object, K extends keyof T>(object: T, key: K): Omit<T, K> => {
  const copy: Partial<T> = { ...object };
  Reflect.deleteProperty(copy, key);
  return copy as Omit<T, K>;
};
