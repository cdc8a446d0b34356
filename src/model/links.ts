/** Where a resource lives: a zone, a region, or neither for global kinds. */
export interface Place {
  readonly zone?: string;
  readonly region?: string;
}

/** Reference to a resource in the form used in API request bodies: `projects/p/zones/z/disks/d`. */
export const link = (project: string, kind: string, place: Place, name: string): string => {
  const scope =
    place.zone !== undefined
      ? `zones/${place.zone}`
      : place.region !== undefined
        ? `regions/${place.region}`
        : 'global';
  return `projects/${project}/${scope}/${kind}/${name}`;
};

/** The last part of a link or URL: the resource's name. */
export const linkName = (url: string): string => url.slice(url.lastIndexOf('/') + 1);

/**
 * The significant part of a resource URL: `projects/p/zones/z/instances/i`. Google uses several hosts and versions for
 * the same link, so links are compared, stored, and sent in this form (the API accepts it wherever it accepts a URL).
 */
export const shortLink = (url: string): string => {
  const at = url.indexOf('projects/');
  return at < 0 ? url : url.slice(at);
};
