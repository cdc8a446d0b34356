import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { OperatorError } from '../../lib/operatorError.ts';

/** One field of a message, or one query parameter. Absent flags are false. */
export interface SchemaField {
  /** protobuf scalar (`string`, `int32`, `uint64`, `bool`, `float` …) or the name of a message. */
  readonly type: string;
  readonly repeated?: boolean;
  readonly map?: boolean;
  /** Set by the server: ignored on input. */
  readonly output?: boolean;
  /** Holds a resource name (RFC 1035). */
  readonly name?: boolean;
  readonly enum?: string;
  readonly required?: boolean;
}

/** One method of the REST surface. */
export interface SchemaMethod {
  /** `Instances.Insert` */
  readonly id: string;
  readonly verb: string;
  readonly path: string;
  /** Message type of the body, absent without a body. */
  readonly body?: string;
  readonly query: Readonly<Record<string, SchemaField>>;
}

/** Output of `generate.cjs`: the part of Compute Engine's REST API that this project knows. */
export interface ComputeSchema {
  /** Version of the client package that it was generated from. */
  readonly version: string;
  readonly methods: readonly SchemaMethod[];
  readonly messages: Readonly<Record<string, Readonly<Record<string, SchemaField>>>>;
  readonly enums: Readonly<Record<string, readonly string[]>>;
}

/** Loads the generated schema: next to the bundle, or from `dist/` when the emulator runs from source. */
export const loadSchema = (): ComputeSchema => {
  const here = import.meta.dirname;
  const places = [join(here, 'compute-schema.json'), join(here, '..', '..', '..', 'dist', 'compute-schema.json')];
  const file = places.find((place) => existsSync(place));
  if (file === undefined) {
    throw new OperatorError('emulator', `Compute Engine schema not found: ${places.join(', ')}`, {
      remedy: 'Run: npm run build',
    });
  }
  // Written by our own build; a test of the generator replaces validation here.
  return JSON.parse(readFileSync(file, 'utf8')) as ComputeSchema;
};
