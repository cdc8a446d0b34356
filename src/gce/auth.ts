import { OperatorError } from '../lib/operatorError.ts';
import { fromTransport, isTransport } from './errors.ts';

/** Where the headers of a signed-in request come from. */
export interface SignIn {
  /** Headers that prove who asks; `again` after a 401: whatever was cached is thrown away first. */
  headers(again: boolean): Promise<Readonly<Record<string, string>>>;
}

/** Sign-in with a fixed token: the emulator's, or one that the person made with `gcloud auth print-access-token`. */
export const tokenSignIn = (token: string): SignIn => ({
  headers: () => Promise.resolve({ authorization: `Bearer ${token}` }),
});

const scopes = ['https://www.googleapis.com/auth/cloud-platform'];

/**
 * Application Default Credentials: `gcloud auth application-default login`, a key file in GOOGLE_APPLICATION_CREDENTIALS, or
 * the account of the machine we run on. They are read anew after a 401, so that a fresh sign-in needs no restart.
 */
export const defaultSignIn = (project: string): SignIn => {
  let client: Promise<{ getRequestHeaders(): Promise<Headers> }> | undefined;
  return {
    headers: async (again) => {
      if (again) client = undefined;
      try {
        client ??= openClient(project);
        return Object.fromEntries(await (await client).getRequestHeaders());
      } catch (error) {
        client = undefined;
        throw isTransport(error) ? fromTransport('the sign-in service of Google', error) : notSignedIn(error);
      }
    },
  };
};

const openClient = async (projectId: string): Promise<{ getRequestHeaders(): Promise<Headers> }> => {
  const { GoogleAuth } = await import('./clients.ts');
  return new GoogleAuth({ scopes, projectId }).getClient(); // without the project it would ask Google for one
};

// invalid_grant and invalid_rapt: the session of the person's account has ended and wants a new sign-in.
const notSignedIn = (cause: unknown): OperatorError => {
  const text = cause instanceof Error ? cause.message : String(cause);
  const expired = /invalid_grant|invalid_rapt|reauth/i.test(text);
  return new OperatorError('not-signed-in', expired ? 'The Google sign-in has expired' : 'Not signed in to Google', {
    cause,
    remedy: 'Sign in: gcloud auth application-default login',
  });
};
