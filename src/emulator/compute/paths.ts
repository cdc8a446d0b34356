import { invalidField } from '../http/apiError.ts';

/** Location of a resource: a zone, a region, or neither for global ones. */
export interface Scope {
  readonly zone?: string;
  readonly region?: string;
}

/** The parts of a path below the project. */
export interface PathParts {
  readonly scope: Scope;
  readonly collection: string;
  readonly name: string;
}

/**
 * Clients accept Google's own host in links whatever the endpoint is
 * (measured with gcloud), and such links survive a change of port.
 */
const linkBase = 'https://www.googleapis.com/compute/v1/';

/** `zones/z`, `regions/r`, or `global`: also the scope's key in an aggregated list. */
export const scopeKey = (scope: Scope): string => {
  if (scope.zone !== undefined) return `zones/${scope.zone}`;
  return scope.region !== undefined ? `regions/${scope.region}` : 'global';
};

/** Path below the project, the key of every resource in the store: `zones/z/instances/i`. */
export const pathOf = (scope: Scope, collection: string, name: string): string =>
  `${scopeKey(scope)}/${collection}/${name}`;

/** Splits a path below the project into its parts. */
export const partsOf = (path: string): PathParts => {
  const [first = '', second = '', third = '', fourth = ''] = path.split('/');
  if (first === 'global') return { scope: {}, collection: second, name: third };
  const scope = first === 'zones' ? { zone: second } : { region: second };
  return { scope, collection: third, name: fourth };
};

/** `projects/p/zones/z/instances/i`, the form in Google's messages. */
export const longPath = (project: string, path: string): string => `projects/${project}/${path}`;

/** Full URL of something below the project; the empty path is the project itself. */
export const linkOf = (project: string, path: string): string =>
  `${linkBase}projects/${project}${path === '' ? '' : `/${path}`}`;

/** `europe-west1-b` → `europe-west1` */
export const regionOfZone = (zone: string): string => zone.slice(0, zone.lastIndexOf('-'));

/** Parses a link in any form that Compute Engine accepts: full URL, `projects/p/…`, or a path below the project. */
export const readLink = (ownProject: string, link: string): { project: string; path: string } | undefined => {
  const bare = link.replace(/^https?:\/\/[^/]+\//, '').replace(/^\/?(compute\/(v1|beta)\/)?/, '');
  const match = /^(?:projects\/([^/]+)\/)?((?:zones|regions)\/[^/]+(?:\/.+)?|global\/.+)$/.exec(bare);
  if (match?.[2] === undefined) return undefined;
  return { project: match[1] ?? ownProject, path: match[2] };
};

/** The path below our project that a field's link refers to; refuses anything that is not a link to such a collection. */
export const pathFromField = (ownProject: string, field: string, link: string, collection: string): string => {
  const found = readLink(ownProject, link);
  if (found === undefined) throw invalidField(field, link, 'The URL is malformed.');
  if (partsOf(found.path).collection !== collection || partsOf(found.path).name === '') {
    throw invalidField(field, link, 'The URL is malformed.');
  }
  return found.path;
};
