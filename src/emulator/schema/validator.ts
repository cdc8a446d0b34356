import { ApiError, type ApiErrorDetail } from '../http/apiError.ts';
import type { ComputeSchema, SchemaField, SchemaMethod } from './schema.ts';

/** A validated body: only known fields, scalars in their JSON form (64-bit integers as text), no output-only fields. */
export type ValidBody = Readonly<Record<string, unknown>>;

/** The regular expression for names that Compute Engine prints in its errors. */
export const nameRule = '(?:[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?)';
const namePattern = new RegExp(`^${nameRule}$`);

// Documented by Google as output-only, yet required for an empty unmanaged group (measured by others, see gce-api.md).
const inputAfterAll = new Set(['InstanceGroup.network']);

const standardQuery = new Set(
  'alt fields key access_token oauth_token prettyPrint quotaUser userIp callback uploadType upload_protocol $alt $prettyPrint $.xgafv returnPartialSuccess serviceProjectNumber'.split(
    ' ',
  ),
);

/** Validates bodies and query parameters against the schema, with Google's error messages. */
export class Validator {
  private readonly schema: ComputeSchema;

  constructor(schema: ComputeSchema) {
    this.schema = schema;
  }

  /** All invalid fields are listed in `errors[]`; the first one is the message. */
  body(method: SchemaMethod, input: unknown): ValidBody {
    if (method.body === undefined) return {};
    if (input === undefined) throw new ApiError(400, 'required', "Required field 'resource' not specified");
    const check = new Check(this.schema);
    const clean = check.message(method.body, input, 'resource');
    if (check.problems.length > 0) throw fromProblems(check.problems);
    return clean;
  }

  /** Refuses unknown parameters, except those that every Google API accepts. */
  query(method: SchemaMethod, query: URLSearchParams): Readonly<Record<string, string>> {
    for (const key of query.keys()) {
      if (method.query[key] === undefined && !standardQuery.has(key)) {
        throw new ApiError(400, 'badRequest', unknownName(key, undefined));
      }
    }
    for (const [name, field] of Object.entries(method.query)) {
      const value = query.get(name);
      if (value === null) {
        if (field.required) throw new ApiError(400, 'required', `Required field '${name}' not specified`);
      } else if (scalar(field.type, value, true) === undefined) {
        throw new ApiError(400, 'invalidParameter', `Invalid value for field '${name}': '${value}'.`);
      }
    }
    return Object.fromEntries(query);
  }
}

const fromProblems = (problems: readonly ApiErrorDetail[]): ApiError =>
  new ApiError(400, 'invalid', problems[0]?.message ?? '', { details: problems });

const unknownName = (name: string, at: string | undefined): string =>
  `Invalid JSON payload received. Unknown name "${name}"${at === undefined ? '' : ` at '${at}'`}: Cannot find field.`;

class Check {
  readonly problems: ApiErrorDetail[] = [];
  private readonly schema: ComputeSchema;

  constructor(schema: ComputeSchema) {
    this.schema = schema;
  }

  message(type: string, input: unknown, at: string): ValidBody {
    if (!isObject(input)) {
      this.add('invalid', `Invalid value for field '${at}': '${show(input)}'. Expected an object.`);
      return {};
    }
    const fields = this.schema.messages[type] ?? {};
    const clean: Record<string, unknown> = {};
    for (const [name, value] of Object.entries(input)) {
      const field = fields[name];
      if (field === undefined) this.add('badRequest', unknownName(name, at));
      else if (value !== null && (!field.output || inputAfterAll.has(`${type}.${name}`))) {
        clean[name] = this.field(field, value, `${at}.${name}`);
      }
    }
    return clean;
  }

  private field(field: SchemaField, value: unknown, at: string): unknown {
    if (field.map) return this.map(field, value, at);
    if (!field.repeated) return this.single(field, value, at);
    if (Array.isArray(value)) return value.map((item, i) => this.single(field, item, `${at}[${i}]`));
    this.add('invalid', `Invalid value for field '${at}': '${show(value)}'. Expected a list.`);
    return [];
  }

  private map(field: SchemaField, value: unknown, at: string): unknown {
    if (!isObject(value)) {
      this.add('invalid', `Invalid value for field '${at}': '${show(value)}'. Expected a map.`);
      return {};
    }
    return Object.fromEntries(
      Object.entries(value).map(([k, v]) => [k, this.single({ type: field.type }, v, `${at}.${k}`)]),
    );
  }

  private single(field: SchemaField, value: unknown, at: string): unknown {
    if (this.schema.messages[field.type] !== undefined) return this.message(field.type, value, at);
    const result = scalar(field.type, value, false);
    if (result === undefined) {
      this.add('invalid', `Invalid value for field '${at}': '${show(value)}'. Expected ${field.type}.`);
    } else if (field.name === true && at === 'resource.name' && !namePattern.test(show(result))) {
      this.add('invalid', `Invalid value for field '${at}': '${show(value)}'. Must be a match of regex '${nameRule}'`);
    } else if (field.enum !== undefined && !(this.schema.enums[field.enum] ?? []).includes(show(result))) {
      this.add('invalid', `Invalid value for field '${at}': '${show(value)}'. ${this.allowed(field.enum)}`);
    }
    return result;
  }

  private allowed(name: string): string {
    return `Must be one of [${(this.schema.enums[name] ?? []).join(', ')}]`;
  }

  private add(reason: string, message: string): void {
    this.problems.push({ message, domain: 'global', reason });
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const show = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

const whole = /^-?\d+$/;

// Google accepts numbers as text and vice versa; 64-bit integers are
// returned as text. Python clients send True and False in queries.
const scalar = (type: string, value: unknown, inQuery: boolean): unknown => {
  if (type === 'string' || type === 'bytes') return typeof value === 'string' ? value : undefined;
  const text = typeof value === 'number' ? String(value) : value;
  if (type === 'bool') {
    if (typeof value === 'boolean') return value;
    if (typeof value !== 'string') return undefined;
    const word = inQuery ? value.toLowerCase() : value;
    return word === 'true' ? true : word === 'false' ? false : undefined;
  }
  if (typeof text !== 'string') return undefined;
  if (type === 'float' || type === 'double') return Number.isFinite(Number(text)) ? Number(text) : undefined;
  if (!whole.test(text) || (type.startsWith('u') && text.startsWith('-'))) return undefined;
  return type.includes('64') ? text : Number(text);
};
