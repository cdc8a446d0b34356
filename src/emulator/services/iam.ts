import * as v from 'valibot';
import { type Cloud, drawLatency } from '../cloud.ts';
import { rpcError } from '../http/apiError.ts';
import { type Account, accountByEmail, accountView, allAccounts, dropAccount, putAccount } from './accounts.ts';
import { dropPolicy, markDeleted, policyOn, setPolicy } from './policies.ts';
import { bodyOf, type MethodArguments, type RestMethod } from './restService.ts';

const one = '/v1/projects/{project}/serviceAccounts/{account}';
const all = '/v1/projects/{project}/serviceAccounts';
const kind = 'serviceAccounts';

const createSchema = v.strictObject({
  accountId: v.string(),
  serviceAccount: v.optional(
    v.strictObject({
      displayName: v.optional(v.pipe(v.string(), v.maxLength(100))),
      description: v.optional(v.pipe(v.string(), v.maxLength(256))),
    }),
    {},
  ),
});

const create = (cloud: Cloud, { request }: MethodArguments): object => {
  const { accountId, serviceAccount } = bodyOf(createSchema, request);
  if (!/^[a-z](?:[-a-z0-9]{4,28}[a-z0-9])$/.test(accountId)) {
    throw rpcError(
      400,
      'INVALID_ARGUMENT',
      `Account ID must be between 6 and 30 lowercase alphanumeric characters or dashes: ${accountId}`,
    );
  }
  const email = `${accountId}@${cloud.project}.iam.gserviceaccount.com`;
  if (accountByEmail(cloud, email) !== undefined) {
    throw rpcError(
      409,
      'ALREADY_EXISTS',
      `Service account ${accountId} already exists within project projects/${cloud.project}.`,
    );
  }
  const usableAt = cloud.clock.now() + drawLatency(cloud, 'serviceAccounts.propagation');
  return accountView(cloud, putAccount(cloud, { email, ...defined(serviceAccount), usableAt }));
};

const defined = (fields: { displayName?: string | undefined; description?: string | undefined }): Partial<Account> => ({
  ...(fields.displayName !== undefined && { displayName: fields.displayName }),
  ...(fields.description !== undefined && { description: fields.description }),
});

const accountOf = (cloud: Cloud, { params }: MethodArguments): Account => {
  const found = accountByEmail(cloud, params.account ?? '');
  if (found !== undefined) return found;
  throw rpcError(404, 'NOT_FOUND', `Unknown service account: ${params.account ?? ''}`);
};

const remove = (cloud: Cloud, args: MethodArguments): object => {
  const account = accountOf(cloud, args);
  dropAccount(cloud, account.email);
  dropPolicy(cloud, `${kind}/${account.email}`);
  markDeleted(cloud, account.email, account.uniqueId);
  return {};
};

const list = (cloud: Cloud): object => {
  const accounts = allAccounts(cloud).map((a) => accountView(cloud, a));
  return accounts.length > 0 ? { accounts } : {};
};

/** The part of IAM that service accounts need. */
export const iamMethods: readonly RestMethod[] = [
  { verb: 'POST', path: all, kind, action: 'create', run: create },
  { verb: 'GET', path: all, kind, action: 'list', run: list },
  { verb: 'GET', path: one, kind, action: 'get', run: (cloud, args) => accountView(cloud, accountOf(cloud, args)) },
  { verb: 'DELETE', path: one, kind, action: 'delete', run: remove },
  {
    verb: 'POST',
    path: `${one}:getIamPolicy`,
    kind,
    action: 'getIamPolicy',
    run: (cloud, args) => policyOn(cloud, `${kind}/${accountOf(cloud, args).email}`),
  },
  {
    verb: 'POST',
    path: `${one}:setIamPolicy`,
    kind,
    action: 'setIamPolicy',
    run: (cloud, args) => setPolicy(cloud, `${kind}/${accountOf(cloud, args).email}`, args.request),
  },
];
