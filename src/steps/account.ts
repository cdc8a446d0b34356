import { knownFacts } from '../engine/step.ts';
import { message, type Message } from '../lib/message.ts';
import { OperatorError } from '../lib/operatorError.ts';
import { markerDescription, readMarker, type Marker } from '../model/marker.ts';
import type { After, CloudStep } from './world.ts';

/** What service account steps need to know about a cluster. */
export interface Accounts extends Marker {
  readonly project: string;
  readonly names: { readonly masterAccount: string; readonly nodeAccount: string };
}

/** Email of a service account of the project. */
export const accountEmail = (project: string, id: string): string => `${id}@${project}.iam.gserviceaccount.com`;

const member = (c: Accounts, id: string): string => `serviceAccount:${accountEmail(c.project, id)}`;

type Account = { readonly description: string } | undefined;

/** Creates one of the two identities of the cluster's machines: least privilege, not the project's default account. */
export const ensureAccount = (
  accounts: Accounts,
  id: string,
  title: Message,
  after: After,
): CloudStep<void, Account> => ({
  id: `account:${id}`,
  title,
  after,
  timeoutMs: 300_000,
  expectedMs: 3000,
  observe: (ctx) => ctx.world.cloud.services.serviceAccount(id),
  decide: (seen) => {
    const found = knownFacts(seen);
    if (found === undefined) return { do: 'create', gcloud: `gcloud iam service-accounts create ${id}` };
    if (readMarker(found.description)?.uid === accounts.uid) return { do: 'nothing', out: undefined };
    const error = new OperatorError(
      'foreign',
      `Already exists but is not part of this cluster: service account ${id}`,
      {
        remedy: 'Choose another cluster name, or delete the service account yourself.',
      },
    );
    return { do: 'refuse', error };
  },
  perform: (ctx) =>
    ctx.world.cloud.services.createServiceAccount(id, `Trizone ${accounts.cluster}`, markerDescription(accounts)),
  inverse: (before) => removeAccount(accounts, id, before),
});

/** Deletes one of our accounts. Late in a teardown: a new account of the same name takes minutes to become usable. */
export const removeAccount = (accounts: Accounts, id: string, after: After): CloudStep<void, Account> => ({
  id: `remove-account:${id}`,
  title: message('Delete service account {0}', id),
  after,
  timeoutMs: 300_000,
  expectedMs: 3000,
  observe: (ctx) => ctx.world.cloud.services.serviceAccount(id),
  decide: (seen) => {
    const found = knownFacts(seen);
    return found !== undefined && readMarker(found.description)?.uid === accounts.uid
      ? { do: 'delete', gcloud: `gcloud iam service-accounts delete ${accountEmail(accounts.project, id)}` }
      : { do: 'nothing', out: undefined };
  },
  perform: (ctx) => ctx.world.cloud.services.removeServiceAccount(id),
});

// What the cloud controller manager needs for load balancers, firewalls, and node addresses; less than kops'
// roles/container.serviceAgent. Not yet proven on a real project.
const masterRoles = [
  'roles/compute.viewer',
  'roles/compute.loadBalancerAdmin',
  'roles/compute.securityAdmin',
  'roles/logging.logWriter',
  'roles/monitoring.metricWriter',
];
const nodeRoles = ['roles/logging.logWriter', 'roles/monitoring.metricWriter'];

type Bindings = readonly { readonly role: string; readonly members: readonly string[] }[];

const wantedBindings = (accounts: Accounts): { role: string; member: string }[] => [
  ...masterRoles.map((role) => ({ role, member: member(accounts, accounts.names.masterAccount) })),
  ...nodeRoles.map((role) => ({ role, member: member(accounts, accounts.names.nodeAccount) })),
];

const has = (bindings: Bindings, role: string, who: string): boolean =>
  bindings.some((b) => b.role === role && b.members.includes(who));

/** Bindings plus the wanted ones; everything else stays as it was read. */
export const addBindings = (bindings: Bindings, wanted: readonly { role: string; member: string }[]): Bindings => {
  const result = bindings.map((b) => ({ ...b, members: [...b.members] }));
  for (const { role, member: who } of wanted) {
    if (has(result, role, who)) continue;
    const same = result.find((b) => b.role === role && !('condition' in b));
    if (same === undefined) result.push({ role, members: [who] });
    else same.members.push(who);
  }
  return result;
};

/** Grants both accounts their project roles: read, add, write with etag. */
export const ensureBindings = (accounts: Accounts, after: After): CloudStep<void, Bindings> => ({
  id: `bindings:${accounts.cluster}`,
  title: message('Grant IAM roles to the service accounts'),
  after,
  timeoutMs: 300_000,
  expectedMs: 3000,
  observe: async (ctx) => (await ctx.world.cloud.services.projectPolicy()).bindings,
  decide: (seen) => {
    const bindings = knownFacts(seen);
    const missing = wantedBindings(accounts).filter((w) => !has(bindings, w.role, w.member));
    if (missing.length === 0) return { do: 'nothing', out: undefined };
    const [one] = missing;
    const gcloud = `gcloud projects add-iam-policy-binding ${accounts.project} --member=${one?.member ?? ''} --role=${one?.role ?? ''}`;
    return { do: 'create', detail: [...new Set(missing.map((m) => m.role))].join(', '), gcloud };
  },
  perform: async (ctx) => {
    const { services } = ctx.world.cloud;
    const policy = await services.projectPolicy();
    await services.setProjectPolicy({ ...policy, bindings: addBindings(policy.bindings, wantedBindings(accounts)) });
  },
  inverse: (before) => removeBindings(accounts, before),
});

/**
 * Whether a policy's member is one of these accounts of the project. Google renames members of a deleted account to
 * `deleted:serviceAccount:mail?uid=…`; those are also ours to clean up.
 */
export const isMemberOf = (project: string, ids: readonly string[], who: string): boolean =>
  ids.some((id) => {
    const mail = `serviceAccount:${accountEmail(project, id)}`;
    return who === mail || who.startsWith(`deleted:${mail}?`);
  });

const isMember = (accounts: Accounts, who: string): boolean =>
  isMemberOf(accounts.project, [accounts.names.masterAccount, accounts.names.nodeAccount], who);

/** Revokes the project roles of both accounts. */
export const removeBindings = (accounts: Accounts, after: After): CloudStep<void, Bindings> => ({
  id: `remove-bindings:${accounts.cluster}`,
  title: message('Revoke IAM roles from the service accounts'),
  after,
  timeoutMs: 300_000,
  expectedMs: 3000,
  observe: async (ctx) => (await ctx.world.cloud.services.projectPolicy()).bindings,
  decide: (seen) => {
    const ours = knownFacts(seen).filter((b) => b.members.some((m) => isMember(accounts, m)));
    return ours.length === 0
      ? { do: 'nothing', out: undefined }
      : { do: 'delete', detail: [...new Set(ours.map((b) => b.role))].join(', ') };
  },
  perform: async (ctx) => {
    const { services } = ctx.world.cloud;
    const policy = await services.projectPolicy();
    const bindings = policy.bindings
      .map((b) => ({ ...b, members: b.members.filter((m) => !isMember(accounts, m)) }))
      .filter((b) => b.members.length > 0);
    await services.setProjectPolicy({ ...policy, bindings });
  },
});
