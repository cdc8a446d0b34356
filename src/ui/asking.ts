import type { Asked } from '../verbs/kubeRequests.ts';

/** What a person asks the editor to do to a cluster: a verb, or a run that is resumed or undone, by its name. */
export type Asking = Asked | { readonly resume: string } | { readonly undo: string };
