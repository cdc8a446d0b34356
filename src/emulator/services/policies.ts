import * as v from 'valibot';
import { type Cloud, newFingerprint, sameFingerprint } from '../cloud.ts';
import { rpcError } from '../http/apiError.ts';
import type { ReceivedRequest } from '../http/message.ts';
import { accountByEmail } from './accounts.ts';
import { bodyOf } from './restService.ts';

/** An IAM policy, as stored and returned. */
export interface IamPolicy {
  readonly version: number;
  readonly etag: string;
  readonly bindings?: readonly IamBinding[];
}

/** Members that have a role. */
export interface IamBinding {
  readonly role: string;
  readonly members: readonly string[];
}

const table = 'policies';

// etag of a policy that was never set (Google's own value).
const emptyEtag = 'ACAB';

/** The policy on a resource (`project`, `secrets/x`, `serviceAccounts/email`). */
export const policyOn = (cloud: Cloud, resource: string): IamPolicy =>
  cloud.store.get<IamPolicy>(table, resource) ?? { version: 1, etag: emptyEtag };

/** Replaces a policy. */
export const putPolicy = (cloud: Cloud, resource: string, bindings: readonly IamBinding[]): IamPolicy => {
  const policy: IamPolicy = { version: 1, etag: newFingerprint(cloud), ...(bindings.length > 0 && { bindings }) };
  cloud.store.put(table, resource, policy);
  return policy;
};

/** Removes the policy of a deleted resource. */
export const dropPolicy = (cloud: Cloud, resource: string): void => cloud.store.remove(table, resource);

const bindingSchema = v.strictObject({
  role: v.pipe(v.string(), v.regex(/^(roles\/|projects\/[^/]+\/roles\/)[\w.]+$/, 'Role is not supported.')),
  members: v.optional(v.array(v.string()), []),
  condition: v.optional(v.null()),
});

const setSchema = v.strictObject({
  policy: v.strictObject({
    version: v.optional(v.number()),
    etag: v.optional(v.string()),
    bindings: v.optional(v.array(bindingSchema), []),
    auditConfigs: v.optional(v.array(v.never())),
  }),
  updateMask: v.optional(v.string()),
});

/** setIamPolicy: the etag guards the read-modify-write cycle. */
export const setPolicy = (cloud: Cloud, resource: string, request: ReceivedRequest): IamPolicy => {
  const { policy } = bodyOf(setSchema, request);
  if (policy.etag !== undefined && !sameFingerprint(policy.etag, policyOn(cloud, resource).etag)) {
    throw rpcError(
      409,
      'ABORTED',
      'There were concurrent policy changes. Please retry the whole read-modify-write with exponential backoff.',
    );
  }
  for (const member of policy.bindings.flatMap((b) => b.members)) checkMember(cloud, member);
  return putPolicy(cloud, resource, mergedBindings(policy.bindings));
};

const mergedBindings = (bindings: readonly IamBinding[]): IamBinding[] => {
  const byRole = new Map<string, Set<string>>();
  for (const { role, members } of bindings) byRole.set(role, new Set([...(byRole.get(role) ?? []), ...members]));
  return [...byRole]
    .filter(([, members]) => members.size > 0)
    .map(([role, members]) => ({ role, members: [...members] }));
};

const checkMember = (cloud: Cloud, member: string): void => {
  const [type = '', value = ''] = member.split(/:(.*)/s);
  if (type === 'serviceAccount' && ownDomain(cloud, value) && accountByEmail(cloud, value) === undefined) {
    throw rpcError(400, 'INVALID_ARGUMENT', `Service account ${value} does not exist.`);
  }
  const known = ['user', 'group', 'domain', 'serviceAccount', 'deleted', 'allUsers', 'allAuthenticatedUsers'];
  if (!known.includes(type)) {
    throw rpcError(400, 'INVALID_ARGUMENT', `Invalid member: ${member}. Members must be of the form "type:value".`);
  }
};

const ownDomain = (cloud: Cloud, email: string): boolean => email.endsWith(`@${cloud.project}.iam.gserviceaccount.com`);

/** Whether a member has one of the roles, on the resource itself or on the project. */
export const hasRole = (cloud: Cloud, resource: string, member: string, roles: readonly string[]): boolean =>
  [policyOn(cloud, resource), policyOn(cloud, 'project')].some((policy) =>
    (policy.bindings ?? []).some((b) => roles.includes(b.role) && b.members.includes(member)),
  );

/** Marks a deleted account in all policies instead of removing it, as Google does. */
export const markDeleted = (cloud: Cloud, email: string, uniqueId: string): void => {
  const member = `serviceAccount:${email}`;
  for (const [resource, policy] of cloud.store.entries<IamPolicy>(table)) {
    if (!(policy.bindings ?? []).some((b) => b.members.includes(member))) continue;
    const marked = (policy.bindings ?? []).map((binding) => ({
      role: binding.role,
      members: binding.members.map((m) => (m === member ? `deleted:${member}?uid=${uniqueId}` : m)),
    }));
    putPolicy(cloud, resource, marked);
  }
};
