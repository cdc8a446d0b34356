import type { ComputeSchema } from './schema.ts';

export const computeMethods: Readonly<Record<string, readonly string[]>>;
export function generateSchema(): ComputeSchema;
export function writeSchema(file?: string): string;
export function ensureSchema(file?: string): string;
