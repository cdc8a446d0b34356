import type { KubeUp } from '../model/kubeUp.ts';
import { givenOptions } from '../model/poolOptions.ts';
import type { KubeDownDecision } from './kubeDown.ts';

/** A verb's name and its request. */
export interface VerbRequest {
  readonly verb: string;
  readonly request: object;
}

/** The verb and request for kube-up's variables. */
export const kubeUpAsks = ({ do: what, request: wish, replica }: KubeUp): VerbRequest => {
  const { name: cluster = 'kubernetes', zone, nodes } = wish;
  switch (what) {
    case 'create':
      return { verb: 'up', request: wish };
    case 'pool':
      return { verb: 'pool-add', request: { cluster, zone, nodes, ...givenOptions(wish) } };
    case 'replicate':
      return { verb: 'replicate', request: { cluster, zone, name: replica } };
  }
};

/** The verb and request for a kube-down that has something to do. */
export const kubeDownAsks = (
  decision: Exclude<KubeDownDecision, { do: 'nothing' }>,
  { cluster, zone }: { readonly cluster: string; readonly zone: string },
): VerbRequest => {
  switch (decision.do) {
    case 'tearDown':
      return { verb: 'down', request: { cluster } };
    case 'removeMaster':
      return { verb: 'master-remove', request: { cluster, name: decision.name } };
    case 'removeParts': {
      const { pools, masters } = decision;
      return { verb: 'zone-remove', request: { cluster, zone, pools, masters } };
    }
  }
};
