// The only importer of the client library's code: heavy, so it is loaded on first use, in `dist` as the bundle gce.js.
// It must not import our own code: a class in two bundles would be two classes.
import { clientFile } from './clientFile.cjs';

export { GoogleAuth } from 'google-auth-library';

/** The client class of a service. */
export const clientClass = (service: string) => {
  const found = clientFile(service.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));
  return found?.[`${service.charAt(0).toUpperCase()}${service.slice(1)}Client`];
};
