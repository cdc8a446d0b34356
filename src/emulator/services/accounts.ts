import { type Cloud, newFingerprint, projectNumber } from '../cloud.ts';
import { omit } from '../omit.ts';
import { randomText } from '../../lib/ids.ts';

/** A stored service account. */
export interface Account {
  readonly email: string;
  readonly displayName?: string;
  readonly description?: string;
  readonly uniqueId: string;
  readonly etag: string;
  /** Cluster time from which instances can use this account: a new one takes time to propagate. */
  readonly usableAt: number;
}

const table = 'accounts';

/** The account with this email address or unique ID. */
export const accountByEmail = (cloud: Cloud, emailOrId: string): Account | undefined =>
  cloud.store.get<Account>(table, emailOrId) ?? allAccounts(cloud).find((a) => a.uniqueId === emailOrId);

/** All accounts in creation order. */
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

/** The account as IAM returns it. */
export const accountView = (cloud: Cloud, account: Account): object => {
  return {
    name: `projects/${cloud.project}/serviceAccounts/${account.email}`,
    projectId: cloud.project,
    ...omit(account, 'usableAt'),
    oauth2ClientId: account.uniqueId,
  };
};

/** The project's default Compute Engine service account. */
export const defaultAccount = `${projectNumber}-compute@developer.gserviceaccount.com`;
