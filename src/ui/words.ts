import { tolerated } from '../model/quorum.ts';
import type { ClusterStatus, MasterStatus } from '../model/clusterStatus.ts';
import type { RunRowState } from './runRow.ts';
import type { Translate } from './translate.ts';

/** "1 master", "3 masters". */
export const masterCount = (t: Translate, n: number): string => (n === 1 ? t('1 master') : t('{0} masters', n));

/** "1 node", "3 nodes". */
export const nodeCount = (t: Translate, n: number): string => (n === 1 ? t('1 node') : t('{0} nodes', n));

/** What may fail, in few words. */
export const tolerance = (t: Translate, masters: number): string => {
  const n = tolerated(masters);
  if (n === 0) return t('tolerates no failure');
  return n === 1 ? t('tolerates 1 failure') : t('tolerates {0} failures', n);
};

/** etcd's role of a master. */
export const etcdWord = (t: Translate, role: MasterStatus['etcd']): string =>
  ({
    leader: t('leader'),
    voter: t('voter'),
    learner: t('learner'),
    none: t('no etcd member'),
    unknown: t('etcd unknown'),
  })[role];

/** A master's health behind the load balancer. */
export const backendWord = (t: Translate, backend: MasterStatus['backend']): string =>
  ({
    healthy: t('healthy'),
    unhealthy: t('unhealthy'),
    'not in the load balancer': t('not in the load balancer'),
  })[backend];

/** Kubernetes' word on a machine. */
export const readyWord = (t: Translate, node: MasterStatus['node']): string =>
  ({ Ready: t('Ready'), NotReady: t('NotReady'), unknown: t('Ready unknown') })[node];

/** Cluster milliseconds as a person reads them. */
export const timeWord = (t: Translate, ms: number): string => {
  const s = Math.round(ms / 1000);
  return s < 60 ? t('{0} s', s) : t('{0} min {1} s', Math.floor(s / 60), String(s % 60).padStart(2, '0'));
};

/** Wall time as a clock shows it: an age is easier to judge by the hour it is of. */
export const hourOf = (at: number): string => new Date(at).toTimeString().slice(0, 5);

/** A verb with its object. */
export const verbWord = (t: Translate, verb: string, cluster: string): string => {
  switch (verb) {
    case 'up':
      return t('Create {0}', cluster);
    case 'down':
      return t('Tear down {0}', cluster);
    case 'pool-add':
      return t('Add node pool to {0}', cluster);
    case 'pool-resize':
      return t('Resize node pool of {0}', cluster);
    case 'pool-remove':
      return t('Remove node pool of {0}', cluster);
    case 'replicate':
      return t('Replicate master of {0}', cluster);
    case 'make-ha':
      return t('Make {0} highly available', cluster);
    case 'master-remove':
      return t('Remove master of {0}', cluster);
    case 'zone-remove':
      return t('Remove a zone of {0}', cluster);
    case 'undo':
      return t('Undo on {0}', cluster);
    default:
      return `${verb} ${cluster}`;
  }
};

/** State of a run. */
export const runStateWord = (t: Translate, state: RunRowState): string =>
  ({
    planned: t('planned'),
    running: t('running'),
    elsewhere: t('running in another process'),
    interrupted: t('interrupted'),
    done: t('done'),
    failed: t('failed'),
    cancelled: t('cancelled'),
    undone: t('undone'),
  })[state];

/** Nodes of all pools. */
export const nodesOf = (c: ClusterStatus): ClusterStatus['pools'][number]['nodes'] => c.pools.flatMap((p) => p.nodes);
