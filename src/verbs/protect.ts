import * as v from 'valibot';
import { message } from '../lib/message.ts';
import { OperatorError } from '../lib/operatorError.ts';
import { command, toRun } from '../lib/remedy.ts';
import { checkName, names } from '../model/names.ts';
import { findRoot } from '../steps/inventory.ts';
import { setProtection } from '../steps/protect.ts';
import type { Reads } from '../steps/world.ts';
import { forCluster, type Work } from './prepared.ts';
import { verb } from './verb.ts';

const setTo = async (world: Reads, name: string, on: boolean): Promise<Work> => {
  const root = await findRoot(world, checkName('Cluster', name));
  if (root === undefined)
    throw new OperatorError('not-found', `Cluster not found in ${world.cloud.label}: ${name}`, {
      remedy: toRun('See', command`trizone status`),
    });
  const { record, region } = root;
  const steps = [setProtection({ region, names: names(name) }, on)];
  return { ...forCluster(world, { name, region, uid: record.uid }), steps, input: {} };
};

interface Request {
  readonly cluster: string;
}

// The cluster's name is in the plan.
const stored = v.object({});
const nature = { risky: false, probed: false, target: { on: 'cluster' }, options: {}, stored } as const;

/** Protects a cluster. It needs no lease: it can run alongside another verb and takes effect for the next one. */
export const protect = verb({
  ...nature,
  name: 'protect',
  label: 'Protect {0}',
  help: {
    words: 'protect on',
    group: 'Create and tear down',
    does: 'protect a cluster: refuse drills, removals, and teardown',
    examples: ['trizone protect on'],
  },
  palette: {
    ...{ command: 'cluster.protect', title: 'Protect Cluster', icon: 'lock', button: 'Protect' },
    menu: { on: ['cluster'], needs: ['unprotected'], group: '8_protect@1' },
  },
  title: ({ cluster }: Request) => message('Protect {0}', cluster),
  prepare: (world, { cluster }: Request) => setTo(world, cluster, true),
  again: (world, _stored, _o, plan) => setTo(world, plan.cluster, true),
});

/** Removes the protection. */
export const unprotect = verb({
  ...nature,
  name: 'unprotect',
  label: 'Unprotect {0}',
  help: {
    words: 'protect off',
    group: 'Create and tear down',
    does: 'remove the protection of a cluster',
    examples: ['trizone protect off'],
  },
  palette: {
    ...{ command: 'cluster.unprotect', title: 'Unprotect Cluster', icon: 'unlock', button: 'Unprotect' },
    menu: { on: ['cluster'], needs: ['protected'], group: '8_protect@1' },
  },
  title: ({ cluster }: Request) => message('Unprotect {0}', cluster),
  prepare: (world, { cluster }: Request) => setTo(world, cluster, false),
  again: (world, _stored, _o, plan) => setTo(world, plan.cluster, false),
});
