/**
 * The part of a resource URL that means something: `projects/p/zones/z/instances/i`. Google writes the same link with several
 * hosts and versions, so links are compared, kept and sent in this form (the API takes it wherever it takes a URL).
 */
export const shortLink = (url: string): string => {
  const at = url.indexOf('projects/');
  return at < 0 ? url : url.slice(at);
};

/** Last segment of a link: the bare name of what it points to. */
export const lastSegment = (link: string): string => link.slice(link.lastIndexOf('/') + 1);
