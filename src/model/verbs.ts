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
  | 'zone-remove';

const adding: readonly string[] = ['up', 'pool-add', 'replicate', 'make-ha'] satisfies Verb[];

/** Whether a verb only adds: its runs can be taken back; one that removes can only be gone on with. */
export const isUndoable = (verb: string): boolean => adding.includes(verb);
