import { message } from '../lib/message.ts';
import { poll } from '../lib/deadline.ts';
import { OperatorError } from '../lib/operatorError.ts';
import type { Marker } from '../model/marker.ts';
import { runChecks } from './checks.ts';
import type { Check } from './check.ts';
import { findRoots } from './inventory.ts';
import { knownAll, type After, type CloudStep, type Reads } from './world.ts';

/**
 * Consecutive passing rounds for a cluster to count as valid (kops' `validate cluster --count`), the pause between
 * them, and how long problems that do not resolve by themselves are tolerated: another run may be fixing them.
 */
export const rounds = { green: 3, everyMs: 5000, lastingMs: 60_000 } as const;

// What waiting can fix. Expiring certificates are not a failure of a run, and waiting does not renew them.
const wrongOf = (checks: readonly Check[]): string =>
  checks
    .filter((c) => !c.ok && c.id !== 'certificates')
    .map((c) => `${c.id}: ${c.evidence}`)
    .join('; ');

const incomplete = (checks: readonly Check[]): OperatorError => {
  const lasting = checks.filter((c) => c.lasts !== undefined);
  const missing = lasting.map((c) => c.evidence).join('; ');
  return new OperatorError('not-found', `Part of the cluster is missing, and waiting does not fix it: ${missing}`, {
    remedy: [...new Set(lasting.map((c) => c.lasts ?? ''))].join(' '),
  });
};

/** Ends a workflow: waits until the whole cluster was valid several times in a row. */
export const validateCluster = (owner: Marker, after: After): CloudStep<void, readonly Check[] | undefined> => ({
  id: `validate:${owner.cluster}`,
  title: message('Validate the cluster'),
  after,
  insists: true,
  timeoutMs: 15 * 60_000,
  expectedMs: 20_000,
  observe: async (ctx) => {
    knownAll(ctx, after);
    // Without a root record, there is no cluster yet: a list of everything missing would not help.
    if (!(await findRoots(ctx.world.cloud)).some((r) => r.record.uid === owner.uid)) return undefined;
    return runChecks(ctx.world, owner);
  },
  decide: (seen) => {
    if (!seen.known || seen.facts === undefined)
      return { do: 'wait', detail: `all checks must pass ${rounds.green} times in a row` };
    const wrong = wrongOf(seen.facts);
    return wrong === '' ? { do: 'nothing', out: undefined } : { do: 'wait', detail: wrong };
  },
  perform: async (ctx) => {
    let green = 0;
    let lastingSince: number | undefined;
    await poll(ctx.clock, rounds.everyMs, ctx.signal, async () => {
      const checks = await runChecks(ctx.world, owner);
      const wrong = wrongOf(checks);
      green = wrong === '' ? green + 1 : 0;
      const now = ctx.clock.monotonic();
      lastingSince = checks.some((c) => c.lasts !== undefined) ? (lastingSince ?? now) : undefined;
      if (lastingSince !== undefined && now - lastingSince >= rounds.lastingMs) throw incomplete(checks);
      ctx.progress(wrong === '' ? `all checks passed, round ${green}/${rounds.green}` : wrong);
      return green >= rounds.green ? true : undefined;
    });
  },
});

/** Checks for the verb `validate`: repeated until one fails or enough rounds have passed; the last round counts. */
export const validateRounds = async (world: Reads, owner: Marker, pause: () => Promise<void>): Promise<Check[]> => {
  for (let round = 1; ; round++) {
    const checks = await runChecks(world, owner);
    if (round >= rounds.green || checks.some((c) => !c.ok)) return checks;
    await pause();
  }
};
