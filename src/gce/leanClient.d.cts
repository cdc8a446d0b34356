import type { Plugin } from 'esbuild';

type Methods = Readonly<Record<string, readonly string[]>>;

export function leanClient(called: readonly string[]): Plugin;
export function trimProtos<P extends object>(protos: P, methods: Methods): P;
