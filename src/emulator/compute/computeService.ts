import type { Cloud } from '../cloud.ts';
import { publicImages } from '../data/images.ts';
import { zoneNames, regionNames } from '../data/zones.ts';
import { ApiError, invalidField, notFound } from '../http/apiError.ts';
import type { Resolver } from '../http/dispatcher.ts';
import type { ReceivedRequest } from '../http/message.ts';
import { Router, type Route } from '../schema/router.ts';
import type { ComputeSchema } from '../schema/schema.ts';
import { Validator } from '../schema/validator.ts';
import type { ApiCall, Handler } from './call.ts';
import { operationOfRequest } from './operations.ts';
import { partialAnswer } from './partialAnswer.ts';
import { longPath } from './paths.ts';

const prefix = '/compute/v1/';

/** Answers `/compute/v1/…`: routes and bodies are checked against the schema; the kinds' handlers do the rest. */
export const computeService = (
  cloud: Cloud,
  schema: ComputeSchema,
  handlers: ReadonlyMap<string, Handler>,
): Resolver => {
  const router = new Router(schema);
  const validator = new Validator(schema);
  return (request) => {
    if (!request.path.startsWith(prefix)) return undefined;
    const route = findRoute(router, request);
    const handler = handlers.get(route.method.id);
    if (handler === undefined) {
      throw new ApiError(501, 'notImplemented', `This emulator does not implement the method: ${route.method.id}`);
    }
    return {
      target: targetOf(route, request),
      run: (fault) => {
        const call = { ...checkedCall(cloud, validator, route, request), fault, signal: request.signal };
        return partial(deduplicated(cloud, call) ?? handler(cloud, call), call.query.fields);
      },
    };
  };
};

// Only waiting is asynchronous.
const partial = (answer: unknown, fields: string | undefined): unknown =>
  answer instanceof Promise ? answer.then((a: unknown) => partialAnswer(a, fields)) : partialAnswer(answer, fields);

const findRoute = (router: Router, request: ReceivedRequest): Route => {
  const route = router.find(request.method, request.path);
  if (route === undefined) throw new ApiError(404, 'notFound', `The requested URL was not found: ${request.path}`);
  if ('method' in route) return route;
  throw new ApiError(405, 'methodNotAllowed', 'HTTP method is not allowed.', { headers: { allow: route.join(', ') } });
};

// Name of the new resource itself: disks, network interfaces, and the like have names too.
const nameIn = (body: string): string => {
  try {
    const parsed: unknown = JSON.parse(body);
    return typeof parsed === 'object' && parsed !== null && 'name' in parsed ? String(parsed.name) : '';
  } catch {
    return ''; // not JSON: validation refuses it
  }
};

const targetOf = (route: Route, request: ReceivedRequest): { kind: string; verb: string; name: string } => {
  const [, verb = ''] = route.method.id.split('.');
  const collection =
    /\{project\}\/(?:global\/|zones\/\{zone\}\/|regions\/\{region\}\/|aggregated\/)?(\w+)/.exec(
      route.method.path,
    )?.[1] ?? 'projects';
  const last = Object.entries(route.params).at(-1);
  const named = last !== undefined && !['project', 'zone', 'region'].includes(last[0]);
  const name = named ? last[1] : nameIn(request.body);
  return { kind: collection, verb: verb.charAt(0).toLowerCase() + verb.slice(1), name };
};

const checkedCall = (cloud: Cloud, validator: Validator, route: Route, request: ReceivedRequest): ApiCall => {
  checkPlace(cloud, route);
  const query = validator.query(route.method, request.query);
  checkRequestId(query.requestId);
  checkName(route);
  return { params: route.params, query, body: validator.body(route.method, parseBody(request.body)) };
};

const parseBody = (text: string): unknown => {
  if (text.trim() === '') return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new ApiError(400, 'parseError', 'Parse Error');
  }
};

const imageProjects = new Set(publicImages.map((i) => i.project));

const checkPlace = (cloud: Cloud, { method, params }: Route): void => {
  const { project = '', zone, region } = params;
  const readsImages = method.id.startsWith('Image') && imageProjects.has(project);
  if (project !== cloud.project && !readsImages) throw notFound(`projects/${project}`);
  if (zone !== undefined && !zoneNames.includes(zone) && !(zone === '-' && readsImages)) {
    throw unknownPlace(method.id === 'Zones.Get', 'zone', zone, longPath(project, `zones/${zone}`));
  }
  if (region !== undefined && !regionNames.includes(region)) {
    throw unknownPlace(method.id === 'Regions.Get', 'region', region, longPath(project, `regions/${region}`));
  }
};

const unknownPlace = (itself: boolean, field: string, value: string, path: string): ApiError =>
  itself ? notFound(path) : invalidField(field, value, `Unknown ${field}.`);

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

const checkRequestId = (id: string | undefined): void => {
  if (id === undefined) return;
  if (!uuid.test(id) || /^[0-]+$/.test(id)) {
    throw invalidField('requestId', id, 'Must be a UUID other than the zero UUID.');
  }
};

const pathRule = '[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?|[1-9][0-9]{0,19}';
const pathName = new RegExp(`^(?:${pathRule})$`);

const checkName = ({ params }: Route): void => {
  for (const [field, value] of Object.entries(params)) {
    if (['project', 'zone', 'region', 'operation', 'family'].includes(field) || pathName.test(value)) continue;
    throw invalidField(field, value, `Must be a match of regex '${pathRule}'`);
  }
};

// A repeated request ID returns the first operation; nothing runs twice.
const deduplicated = (cloud: Cloud, call: ApiCall): unknown =>
  call.query.requestId === undefined ? undefined : operationOfRequest(cloud, call.query.requestId);
