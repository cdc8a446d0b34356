/** Where a resource lives: one of zone and region, or neither for global kinds. */
export interface Place {
  readonly zone?: string;
  readonly region?: string;
}

/** Reference to a resource in the form that the API takes in bodies: `projects/p/zones/z/disks/d`. */
export const link = (project: string, kind: string, place: Place, name: string): string => {
  const scope =
    place.zone !== undefined
      ? `zones/${place.zone}`
      : place.region !== undefined
        ? `regions/${place.region}`
        : 'global';
  return `projects/${project}/${scope}/${kind}/${name}`;
};

/** Last part of a link or URL: the name. */
export const linkName = (url: string): string => url.slice(url.lastIndexOf('/') + 1);

/**
 * The part of a resource URL that means something: `projects/p/zones/z/instances/i`. Google writes the same link with several
 * hosts and versions, so links are compared, kept and sent in this form (the API takes it wherever it takes a URL).
 */
export const shortLink = (url: string): string => {
  const at = url.indexOf('projects/');
  return at < 0 ? url : url.slice(at);
};
