/** Node's module with a `request` that keeps the given agent even if an editor has replaced the original. */
export declare const plainModule: (name: 'https') => typeof import('node:https');
