/** The object without one of its fields; the key must be absent, because an undefined field would not survive a restart. */
export const omit = <T extends object, K extends keyof T>(object: T, key: K): Omit<T, K> => {
  const copy: Partial<T> = { ...object };
  Reflect.deleteProperty(copy, key);
  return copy as Omit<T, K>;
};
