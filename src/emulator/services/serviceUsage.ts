import { type Cloud, projectNumber } from '../cloud.ts';
import type { MethodArguments, RestMethod } from './restService.ts';

const table = 'services';

/** APIs that exist here; those in the second list are disabled in a new project. */
const [enabledAtFirst = [], others = []] = [
  ['compute', 'secretmanager', 'iam', 'cloudresourcemanager', 'serviceusage'],
  ['container', 'dns', 'logging', 'monitoring', 'storage'],
].map((names) => names.map((n) => `${n}.googleapis.com`));

const stateOf = (cloud: Cloud, name: string): string =>
  cloud.store.get<string>(table, name) ?? (enabledAtFirst.includes(name) ? 'ENABLED' : 'DISABLED');

const view = (cloud: Cloud, name: string): object => ({
  name: `projects/${projectNumber}/services/${name}`,
  config: { name, title: name },
  state: stateOf(cloud, name),
  parent: `projects/${projectNumber}`,
});

const list = (cloud: Cloud, { request }: MethodArguments): object => {
  const wanted = /state:(ENABLED|DISABLED)/.exec(request.query.get('filter') ?? '')?.[1];
  const names = [...enabledAtFirst, ...others].filter((n) => wanted === undefined || stateOf(cloud, n) === wanted);
  return { services: names.map((name) => view(cloud, name)) };
};

const batchGet = (cloud: Cloud, { request }: MethodArguments): object => ({
  services: request.query.getAll('names').map((name) => view(cloud, name.split('/').at(-1) ?? '')),
});

const enable = (cloud: Cloud, { params }: MethodArguments): object => {
  const name = params.service ?? '';
  cloud.store.put(table, name, 'ENABLED');
  return { name: 'operations/noop.DONE_OPERATION', done: true, response: { service: view(cloud, name) } };
};

const all = '/v1/projects/{project}/services';
const kind = 'services';

/** Service Usage: enabled APIs. */
export const serviceUsageMethods: readonly RestMethod[] = [
  { verb: 'GET', path: all, kind, action: 'list', run: list },
  { verb: 'GET', path: `${all}:batchGet`, kind, action: 'batchGet', run: batchGet },
  {
    verb: 'GET',
    path: `${all}/{service}`,
    kind,
    action: 'get',
    run: (cloud, { params }) => view(cloud, params.service ?? ''),
  },
  { verb: 'POST', path: `${all}/{service}:enable`, kind, action: 'enable', run: enable },
];
