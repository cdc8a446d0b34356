/** The verbs that change a cluster; also the word in journals and leases (a label's value: letters, digits, dashes). */
export type Verb =
  | 'up'
  | 'down'
  | 'undo'
  | 'pool-add'
  | 'pool-resize'
  | 'pool-remove'
  | 'replicate'
  | 'make-ha'
  | 'master-remove'
  | 'master-start'
  | 'master-repair'
  | 'node-repair'
  | 'zone-remove'
  | 'drill-halt'
  | 'smoke'
  | 'protect'
  | 'unprotect';

const adding: readonly string[] = ['up', 'pool-add', 'replicate', 'make-ha'] satisfies Verb[];

/** Whether a verb only adds: its runs can be taken back; one that removes can only be gone on with. */
export const isUndoable = (verb: string): boolean => adding.includes(verb);

const unprobed: readonly string[] = ['up', 'down', 'protect', 'unprotect'] satisfies Verb[];

/** Whether the API must answer all the time while a verb works. */
export const isProbed = (verb: string): boolean => !unprobed.includes(verb);

const risky: readonly string[] = [
  'down',
  'undo',
  'pool-remove',
  'master-remove',
  'zone-remove',
  'drill-halt',
] satisfies Verb[];

/** Whether a protected cluster refuses a verb: drills, removals and the tear down. */
export const isRisky = (verb: string): boolean => risky.includes(verb);
