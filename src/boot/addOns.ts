import { stringify } from 'yaml';
import { cloudControllerManager } from './cloudController.ts';
import type { BootConfig } from './config.ts';

/**
 * YAML documents that the first master applies to the cluster: the cloud controller manager, and CoreDNS spread over
 * zones. The CoreDNS objects contain only the changed fields (server-side apply merges them into kubeadm's).
 */
export const addOns = (config: BootConfig): string =>
  [...cloudControllerManager(config), ...coreDnsSpread]
    .map((object) => stringify(object, { aliasDuplicateObjects: false }))
    .join('---\n');

const dnsLabels = { 'k8s-app': 'kube-dns' };

const coreDnsSpread: readonly object[] = [
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'coredns', namespace: 'kube-system' },
    spec: {
      replicas: 2,
      template: {
        spec: {
          topologySpreadConstraints: [
            {
              maxSkew: 1,
              topologyKey: 'topology.kubernetes.io/zone',
              whenUnsatisfiable: 'DoNotSchedule',
              labelSelector: { matchLabels: dnsLabels },
              // Spread within each rollout separately; a zone whose nodes are lost (tainted unreachable) does not
              // count.
              matchLabelKeys: ['pod-template-hash'],
              nodeTaintsPolicy: 'Honor',
            },
          ],
        },
      },
    },
  },
  {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'coredns', namespace: 'kube-system' },
    spec: { minAvailable: 1, selector: { matchLabels: dnsLabels } },
  },
];
