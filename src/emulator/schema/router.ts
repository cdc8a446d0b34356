import type { ComputeSchema, SchemaMethod } from './schema.ts';

/** A request matched to a method of the schema. */
export interface Route {
  readonly method: SchemaMethod;
  /** Decoded values of the path parameters. */
  readonly params: Readonly<Record<string, string>>;
}

interface Branch {
  readonly literals: Map<string, Branch>;
  variable?: Branch;
  readonly methods: Map<string, { method: SchemaMethod; names: string[] }>;
}

const branch = (): Branch => ({ literals: new Map(), methods: new Map() });

/** Finds methods by HTTP verb and path. */
export class Router {
  private readonly top = branch();

  constructor(schema: ComputeSchema) {
    for (const method of schema.methods) this.add(method);
  }

  /** The route, the verbs allowed here (405), or undefined if the path does not exist (404). */
  find(verb: string, path: string): Route | readonly string[] | undefined {
    const values: string[] = [];
    const end = this.walk(this.top, path.split('/').filter(Boolean), values);
    if (end === undefined) return undefined;
    const hit = end.methods.get(verb);
    if (hit === undefined) return [...end.methods.keys()];
    const params = Object.fromEntries(hit.names.map((name, i) => [name, decodeURIComponent(values[i] ?? '')]));
    return { method: hit.method, params };
  }

  private add(method: SchemaMethod): void {
    const names: string[] = [];
    let at = this.top;
    for (const part of method.path.split('/').filter(Boolean)) {
      const name = /^\{(\w+)\}$/.exec(part)?.[1];
      if (name !== undefined) {
        names.push(name);
        at = at.variable ??= branch();
      } else {
        const next = at.literals.get(part) ?? branch();
        at.literals.set(part, next);
        at = next;
      }
    }
    at.methods.set(method.verb, { method, names });
  }

  // A literal wins over a parameter; this API never needs to backtrack to the parameter.
  private walk(from: Branch, parts: readonly string[], values: string[]): Branch | undefined {
    let at: Branch | undefined = from;
    for (const part of parts) {
      const literal: Branch | undefined = at.literals.get(part);
      if (literal === undefined && at.variable !== undefined) values.push(part);
      at = literal ?? at.variable;
      if (at === undefined) return undefined;
    }
    return at.methods.size > 0 ? at : undefined;
  }
}
