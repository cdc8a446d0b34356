/** Node's module, whose `request` keeps its agent also where an editor has replaced it. */
export declare const plainModule: (name: 'https') => typeof import('node:https');
