import { message, type Message } from '../lib/message.ts';
import { knownFacts } from '../engine/step.ts';
import type { Policy, Secret } from '../gce/cloud.ts';
import { OperatorError } from '../lib/operatorError.ts';
import { command, toRun } from '../lib/remedy.ts';
import { isOurs, labelKeys, type Marker } from '../model/marker.ts';
import { accountEmail } from './account.ts';
import type { After, CloudStep } from './world.ts';

/** A secret, and which of the cluster's machine accounts can do what with it. */
export interface WantedSecret {
  readonly name: string;
  readonly title: Message;
  readonly owner: Marker;
  readonly project: string;
  /** IDs of accounts that can read it. */
  readonly readers: readonly string[];
  /** IDs of accounts that can add and destroy versions (secretVersionAdder alone cannot destroy). */
  readonly writers: readonly string[];
}

interface Facts {
  readonly secret: Secret;
  readonly policy: Policy;
}

const bindingsOf = (wanted: WantedSecret): Policy['bindings'] => {
  const members = (ids: readonly string[]): string[] =>
    ids.map((id) => `serviceAccount:${accountEmail(wanted.project, id)}`);
  return [
    { role: 'roles/secretmanager.secretAccessor', members: members(wanted.readers) },
    { role: 'roles/secretmanager.secretVersionManager', members: members(wanted.writers) },
  ];
};

const allowed = (wanted: WantedSecret, policy: Policy): boolean =>
  bindingsOf(wanted).every((binding) =>
    binding.members.every((m) => policy.bindings.some((p) => p.role === binding.role && p.members.includes(m))),
  );

/**
 * A secret without a payload (the masters write it) whose own policy lists the machines' accounts: no project-wide
 * access.
 */
export const ensureSecret = (wanted: WantedSecret, after: After): CloudStep<void, Facts | undefined> => ({
  id: `secret:${wanted.name}`,
  title: wanted.title,
  after,
  timeoutMs: 300_000,
  expectedMs: 4000,
  observe: async (ctx) => {
    const { services } = ctx.world.cloud;
    const secret = await services.secret(wanted.name);
    return secret && { secret, policy: await services.secretPolicy(wanted.name) };
  },
  decide: (seen) => {
    const found = knownFacts(seen);
    if (found === undefined) {
      return {
        do: 'create',
        detail: `readable only by ${wanted.readers.join(', ')}`,
        gcloud: `gcloud secrets create ${wanted.name}`,
      };
    }
    if (!isOurs(wanted.owner, found.secret, wanted.name)) return { do: 'refuse', error: foreignSecret(wanted.name) };
    return allowed(wanted, found.policy) ? { do: 'nothing', out: undefined } : { do: 'update', detail: 'readers' };
  },
  perform: async (ctx, change) => {
    const { services } = ctx.world.cloud;
    const labels = { [labelKeys.cluster]: wanted.owner.cluster, [labelKeys.uid]: wanted.owner.uid };
    if (change.do === 'create') await services.createSecret(wanted.name, labels);
    const policy = await services.secretPolicy(wanted.name);
    await services.setSecretPolicy(wanted.name, { ...policy, bindings: bindingsOf(wanted) });
  },
  inverse: (before) => removeSecret(wanted.name, wanted.owner, before),
});

const foreignSecret = (name: string): OperatorError =>
  new OperatorError('foreign', `Already exists but is not part of this cluster: secret ${name}`, {
    remedy: toRun('Choose another cluster name. See also', command`trizone leftovers`),
  });

/** Deletes one of our secrets with all its versions. */
export const removeSecret = (name: string, owner: Marker, after: After): CloudStep<void, Secret | undefined> => ({
  id: `remove-secret:${name}`,
  title: message('Delete secret {0}', name),
  after,
  risk: 'data',
  timeoutMs: 300_000,
  expectedMs: 2000,
  observe: (ctx) => ctx.world.cloud.services.secret(name),
  decide: (seen) => {
    const found = knownFacts(seen);
    return found !== undefined && isOurs(owner, found, name)
      ? { do: 'delete', gcloud: `gcloud secrets delete ${name}` }
      : { do: 'nothing', out: undefined };
  },
  perform: (ctx) => ctx.world.cloud.services.removeSecret(name),
});
