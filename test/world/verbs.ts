import assert from 'node:assert/strict';
import { readStatus } from '../../src/steps/status.ts';
import { runChecks } from '../../src/steps/checks.ts';
import type { Check } from '../../src/steps/check.ts';
import type { ClusterStatus } from '../../src/model/clusterStatus.ts';
import type { RunResult } from '../../src/engine/runOptions.ts';
import type { CloudWorld, Program } from '../support/cloudWorld.ts';
import { makeHa as makeHaVerb } from '../../src/verbs/makeHa.ts';
import { masterRemove } from '../../src/verbs/masterRemove.ts';
import { poolAdd } from '../../src/verbs/poolAdd.ts';
import { poolRemove } from '../../src/verbs/poolRemove.ts';
import { poolResize } from '../../src/verbs/poolResize.ts';
import { replicate as replicateVerb } from '../../src/verbs/replicate.ts';

/** Cluster of the world tests, and zones of the article. */
export const cluster = 'kubernetes';
export const [zoneB, zoneC, zoneD] = ['europe-west1-b', 'europe-west1-c', 'europe-west1-d'] as const;

/** What every verb is told. */
export const options = (p: Program) => ({ ids: p.session.ids, takeOver: false });

/** The verbs on a cluster that exists, from end to end. */
export const replicate = (w: CloudWorld, zone: string, p?: Program): Promise<RunResult> =>
  w.carryOut((by) => replicateVerb.prepare(by.session.world, { cluster, zone }, options(by)), p);
export const makeHa = (w: CloudWorld, zones: readonly string[], p?: Program): Promise<RunResult> =>
  w.carryOut((by) => makeHaVerb.prepare(by.session.world, { cluster, zones }, options(by)), p);
export const removeMaster = (w: CloudWorld, name: string, p?: Program): Promise<RunResult> =>
  w.carryOut((by) => masterRemove.prepare(by.session.world, { cluster, name }, options(by)), p);
export const addPool = (w: CloudWorld, zone: string, more: { nodes?: number; pool?: string } = {}, p?: Program) =>
  w.carryOut((by) => poolAdd.prepare(by.session.world, { cluster, zone, ...more }, options(by)), p);
export const resizePool = (w: CloudWorld, zone: string, nodes: number, p?: Program): Promise<RunResult> =>
  w.carryOut((by) => poolResize.prepare(by.session.world, { cluster, zone, nodes }, options(by)), p);
export const removePool = (w: CloudWorld, zone: string, p?: Program): Promise<RunResult> =>
  w.carryOut((by) => poolRemove.prepare(by.session.world, { cluster, zone }, options(by)), p);

/** Fails with a run's own words; undefined is a run that had nothing to do. */
export const assertDone = (r: RunResult | undefined): void => assert.equal(r?.error, undefined, r?.error?.message);

/** The cluster as the status verb shows it. */
export const statusOf = async (w: CloudWorld): Promise<ClusterStatus> => {
  const found = (await readStatus((await w.program()).session.world)).find((c) => c.name === cluster);
  assert.ok(found);
  return found;
};

/** One round of all checks. */
export const checksOf = async (w: CloudWorld, { uid }: ClusterStatus): Promise<Check[]> =>
  runChecks((await w.program()).session.world, { cluster, uid });

/** As kube-up's own e2e after each step: so many masters, all voting and healthy; so many nodes, all Ready; every check green. */
export const assertWhole = async (w: CloudWorld, masters: number, nodes: number): Promise<ClusterStatus> => {
  const s = await statusOf(w);
  assert.equal(s.unreachable, undefined);
  assert.equal(s.masters.length, masters);
  for (const m of s.masters) {
    assert.ok(m.etcd === 'leader' || m.etcd === 'voter', `${m.name} is ${m.etcd}`);
    assert.deepEqual([m.backend, m.node, m.status], ['healthy', 'Ready', 'RUNNING']);
  }
  const all = s.pools.flatMap((p) => p.nodes);
  assert.equal(all.length, nodes);
  assert.ok(all.every((n) => n.node === 'Ready'));
  assert.deepEqual(
    (await checksOf(w, s)).filter((c) => !c.ok),
    [],
  );
  return s;
};
