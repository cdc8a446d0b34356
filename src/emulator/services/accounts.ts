import { type Cloud, newFingerprint, projectNumber } from '../cloud.ts';
import { omit } from '../omit.ts';
import { randomText } from '../../lib/ids.ts';

/** A service account as it is stored. */
export interface Account {
  readonly email: string;
  readonly displayName?: string;
  readonly description?: string;
  readonly uniqueId: string;
  readonly etag: string;
  /** Instant of cluster time from which machines can be given this account: a new one is not known everywhere at once. */
  readonly usableAt: number;
}

const table = 'accounts';

/** The account with this address or unique id. */
export const accountByEmail = (cloud: Cloud, emailOrId: string): Account | undefined =>
  cloud.store.get<Account>(table, emailOrId) ?? allAccounts(cloud).find((a) => a.uniqueId === emailOrId);

/** All accounts in order of creation. */
export const allAccounts = (cloud: Cloud): Account[] =>
  cloud.store.entries<Account>(table).map(([, account]) => account);

/** Stores a new account. */
export const putAccount = (cloud: Cloud, fields: Omit<Account, 'uniqueId' | 'etag'>): Account => {
  const account: Account = {
    ...fields,
    uniqueId: `1${randomText(cloud.ids, 20, '0123456789')}`,
    etag: newFingerprint(cloud),
  };
  cloud.store.put(table, account.email, account);
  return account;
};

/** Removes an account. */
export const dropAccount = (cloud: Cloud, email: string): void => cloud.store.remove(table, email);

/** The account as IAM answers it. */
export const accountView = (cloud: Cloud, account: Account): object => {
  return {
    name: `projects/${cloud.project}/serviceAccounts/${account.email}`,
    projectId: cloud.project,
    ...omit(account, 'usableAt'),
    oauth2ClientId: account.uniqueId,
  };
};

/** Compute Engine's default service account of the project. */
export const defaultAccount = `${projectNumber}-compute@developer.gserviceaccount.com`;
