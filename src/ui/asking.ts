import type { VerbRequest } from '../verbs/kubeRequests.ts';

/** What a person asks the editor to do to a cluster: a verb, or a run that is resumed or undone, by its name. */
export type Asking = VerbRequest | { readonly resume: string } | { readonly undo: string };
