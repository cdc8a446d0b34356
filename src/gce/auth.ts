import * as v from 'valibot';
import { OperatorError } from '../lib/operatorError.ts';
import { command, toRun } from '../lib/remedy.ts';
import { fromFailure, fromTransport, isTransport } from './errors.ts';

/** Provides the headers of an authenticated request. */
export interface SignIn {
  /** Authentication headers; `again` after a 401: drops cached credentials first. */
  headers(again: boolean): Promise<Readonly<Record<string, string>>>;
}

/** Sign-in with a fixed token: the emulator's, or one from `gcloud auth print-access-token`. */
export const tokenSignIn = (token: string): SignIn => ({
  headers: () => Promise.resolve({ authorization: `Bearer ${token}` }),
});

const scopes = ['https://www.googleapis.com/auth/cloud-platform'];

/**
 * Application Default Credentials: `gcloud auth application-default login`, a key file in
 * GOOGLE_APPLICATION_CREDENTIALS, or the service account of the instance we run on. They are reloaded after a 401, so
 * that a new sign-in needs no restart.
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
        throw refusedToken(error);
      }
    },
  };
};

const openClient = async (projectId: string): Promise<{ getRequestHeaders(): Promise<Headers> }> => {
  const { GoogleAuth } = await import('./clients.ts');
  return new GoogleAuth({ scopes, projectId }).getClient(); // without the project, the library would ask Google for one
};

// What google-auth-library throws for a token request: `config` is the request, `response` the answer, if there was
// one.
const requestSchema = v.object({
  config: v.unknown(),
  response: v.nullish(v.object({ status: v.number() })),
});

// Only rejected credentials count as not signed in. Any other failure to get a token is transient or has another cause
// (403: no permission to impersonate the account).
const refusedToken = (error: unknown): OperatorError => {
  const message = error instanceof Error ? error.message : String(error);
  const asked = v.safeParse(requestSchema, error);
  if (hasEnded.test(message) || !asked.success) return isTransport(error) ? unreached(error) : notSignedIn(error);
  const status = asked.output.response?.status;
  if (status === undefined) return unreached(error);
  if (status === 400 || status === 401) return notSignedIn(error);
  return fromFailure({
    status,
    reasons: [],
    message: `no token, the sign-in service returned ${status}: ${message}`,
    facts: {},
  });
};

const unreached = (error: unknown): OperatorError => fromTransport('the Google sign-in service', error);

// The session of the user's account has expired and needs a new sign-in.
const hasEnded = /invalid_grant|invalid_rapt|reauth/i;

const notSignedIn = (cause: unknown): OperatorError => {
  const text = cause instanceof Error ? cause.message : String(cause);
  const problem = hasEnded.test(text) ? 'The Google sign-in has expired' : 'Not signed in to Google';
  return new OperatorError('not-signed-in', problem, {
    cause,
    remedy: toRun('Sign in', command`gcloud auth application-default login`),
  });
};
