import assert from 'node:assert/strict';
import type { FaultRule } from '../../src/emulator/faults.ts';
import type { RunResult } from '../../src/engine/runOptions.ts';
import type { Prepared } from '../../src/verbs/prepared.ts';
import { articleWish, cloudWorld, type CloudWorld, type Program } from '../support/cloudWorld.ts';
import type { Cleanup } from '../support/engineWorld.ts';
import { assertDone, statusOf } from './verbs.ts';
import { undo as undoVerb } from '../../src/verbs/registry.ts';

/** The article's cluster with one master and one node, for stories of what happens next to it. */
export const small = async (t: Cleanup, seed: string): Promise<CloudWorld> => {
  const w = await cloudWorld(t, seed);
  assertDone(await w.up(undefined, { ...articleWish, nodes: 1 }));
  return w;
};

/** Names that chance has chosen, as one name. */
export const steady = (text: string): string =>
  text.replace(/kubernetes-master-[0-9a-z]{3}\b/g, 'NAME').replace(/(minion-[a-z]+)-[0-9a-z]{4}\b/g, '$1-XXXX');

/** Code, message and remedy, as a person reads them. */
export const told = (r: Pick<RunResult, 'error'>): (string | undefined)[] =>
  [r.error?.code, r.error?.message, r.error?.remedy].map((text) => text && steady(text));

/** What strikes the machines of these names: at the kernel, a step of the startup script, etcd's promotion, a probe. */
export const strikes = (name: string, verb: string, message: string, often: Partial<FaultRule> = {}): FaultRule => ({
  ...{ match: { kind: 'machines', verb, name }, fault: { type: 'machineFails', message } },
  ...often,
});

/** The masters that served before still do: API, votes, load balancer. */
export const assertUnharmed = async (w: CloudWorld, names: readonly string[]): Promise<void> => {
  const s = await statusOf(w);
  assert.equal(s.unreachable, undefined, 'the API is not responding');
  const fine = s.masters.filter((m) => m.backend === 'healthy' && ['leader', 'voter'].includes(m.etcd));
  for (const name of names)
    assert.ok(
      fine.some((m) => m.name === name),
      `${name} is harmed: ${JSON.stringify(s.masters)}`,
    );
};

/** Prepares the `undo` of the newest run of a verb. */
export const undoOf = (p: Program, verb: string): Promise<Prepared> => {
  const run = p.session.journals.list().find((r) => r.plan.verb === verb);
  assert.ok(run);
  return undoVerb.prepare(p.session.world, { run }, { ids: p.session.ids, takeOver: false });
};

/** `undo` of the newest run of a verb. */
export const undo = (w: CloudWorld, verb: string): Promise<RunResult> => w.carryOut((p) => undoOf(p, verb));

/** `resume`, which must find a run. */
export const resumed = async (w: CloudWorld): Promise<RunResult> =>
  (await w.resume()) ?? assert.fail('no run to resume');

/** Where a person finds a machine's console. */
export const consoleOf = (name: string, zone: string): string =>
  `For its console: gcloud compute instances get-serial-port-output ${name} --zone=${zone}`;

/** What a person is told to do about a machine that says why its boot failed. */
export const withoutCause = 'Fix the cause, then run trizone resume to restart it';

/** What a person is told of a master whose boot came to nothing. */
export const notInUse = (name: string, zone: string, then = `${withoutCause}; undo deletes it`): string =>
  `It is not in use yet, and existing masters are not affected. ${then}. ${consoleOf(name, zone)}`;
