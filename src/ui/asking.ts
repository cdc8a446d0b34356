import type { VerbRequest } from '../verbs/kubeRequests.ts';

/** An operation on a cluster requested in the editor: a verb, or a run to resume or undo, by name. */
export type Asking = VerbRequest | { readonly resume: string } | { readonly undo: string };
