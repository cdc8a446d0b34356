import * as v from 'valibot';
import type { Cloud } from '../cloud.ts';
import { projectNumber } from '../cloud.ts';
import { rpcError } from '../http/apiError.ts';
import type { Resolver } from '../http/dispatcher.ts';
import type { ReceivedRequest } from '../http/message.ts';

/** One method of a service that is small enough to be written by hand. */
export interface RestMethod {
  readonly verb: 'GET' | 'POST' | 'DELETE' | 'PATCH';
  /** Path after the host: `{name}` matches one segment without its `:action`; `{project}` must be ours, by ID or number. */
  readonly path: string;
  /** For matching faults. */
  readonly kind: string;
  readonly action: string;
  readonly run: (cloud: Cloud, args: MethodArguments) => unknown;
}

/** Arguments of a method. */
export interface MethodArguments {
  readonly params: Readonly<Record<string, string>>;
  readonly request: ReceivedRequest;
}

/** Builds a resolver from methods; distinguishes `…/secrets/x` from `…/secrets/x:addVersion`. */
export const restService = (cloud: Cloud, methods: readonly RestMethod[]): Resolver => {
  const compiled = methods.map((method) => ({ method, pattern: compile(method.path) }));
  return (request) => {
    for (const { method, pattern } of compiled) {
      const match = method.verb === request.method ? pattern.exec(request.path) : null;
      if (match === null) continue;
      const params = Object.fromEntries(
        Object.entries(match.groups ?? {}).map(([k, value]) => [k, decodeURIComponent(value)]),
      );
      const { project, ...named } = params;
      return {
        target: { kind: method.kind, verb: method.action, name: Object.values(named)[0] ?? project ?? '' },
        run: () => {
          checkProject(cloud, project ?? '');
          return method.run(cloud, { params, request });
        },
      };
    }
    return undefined;
  };
};

const compile = (path: string): RegExp =>
  new RegExp(`^${path.replace(/\{(\w+)\}/g, (_, name: string) => `(?<${name}>[^/:]+)`)}$`);

const checkProject = (cloud: Cloud, project: string): void => {
  if ([cloud.project, projectNumber, '-'].includes(project)) return;
  throw rpcError(403, 'PERMISSION_DENIED', `The caller does not have permission on the project: ${project}`);
};

/** The validated body; unknown fields are refused as Google refuses them. */
export const bodyOf = <T>(schema: v.GenericSchema<unknown, T>, request: ReceivedRequest): T => {
  const parsed = v.safeParse(schema, parse(request.body));
  if (parsed.success) return parsed.output;
  const issue = parsed.issues[0];
  const at = v.getDotPath(issue) ?? '';
  const text =
    issue.type === 'strict_object'
      ? `Invalid JSON payload received. Unknown name "${at}": Cannot find field.`
      : `Invalid value at '${at}': ${issue.message}`;
  throw rpcError(400, 'INVALID_ARGUMENT', text);
};

const parse = (text: string): unknown => {
  if (text.trim() === '') return {};
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw rpcError(400, 'INVALID_ARGUMENT', 'Invalid JSON payload received. Parsing failed.');
  }
};
