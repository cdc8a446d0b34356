import type { BootConfig } from './config.ts';

const name = 'cloud-controller-manager';
const namespace = 'kube-system';
const labels = { component: name };

/**
 * Manifests of the Google cloud controller manager (kubernetes/cloud-provider-gcp): it writes addresses, zone, provider
 * ID, and pod range into Nodes and creates the load balancers of Services. The flags are those of the last kube-up;
 * UNPROVEN: image tag, entry point, and permissions have not been tested on a real project yet.
 */
export const cloudControllerManager = (config: BootConfig): readonly object[] => [
  { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } },
  { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: `system:${name}` }, rules },
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: `system:${name}` },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: `system:${name}` },
    subjects: [{ kind: 'ServiceAccount', name, namespace }],
  },
  // It reads and validates the API server's authentication settings for its health endpoint.
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { name: `system:${name}:authentication-reader`, namespace },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'extension-apiserver-authentication-reader' },
    subjects: [{ kind: 'ServiceAccount', name, namespace }],
  },
  { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data: { 'cloud.config': cloudConfig(config) } },
  daemonSet(config),
];

// gcfg strings use the same escapes as JSON.
const cloudConfig = (config: BootConfig): string =>
  [
    '[global]',
    `project-id = ${JSON.stringify(config.project)}`,
    `network-name = ${JSON.stringify(config.network)}`,
    `subnetwork-name = ${JSON.stringify(config.subnetwork)}`,
    `node-tags = ${JSON.stringify(`${config.cluster}-minion`)}`,
    `node-instance-prefix = ${JSON.stringify(`${config.cluster}-minion`)}`,
    'multizone = true',
    '',
  ].join('\n');

const rule = (group: string, resources: string[], verbs: string[]): object => ({
  apiGroups: [group],
  resources,
  verbs,
});
const read = ['get', 'list', 'watch'];
const change = [...read, 'create', 'update', 'patch', 'delete'];

const rules: readonly object[] = [
  rule('', ['nodes'], [...read, 'update', 'patch', 'delete']),
  rule('', ['nodes/status', 'services/status'], ['update', 'patch']),
  rule('', ['services'], [...read, 'update', 'patch']),
  rule('', ['endpoints', 'serviceaccounts'], [...read, 'create', 'update']),
  rule('', ['configmaps'], change),
  rule('', ['events'], ['create', 'update', 'patch']),
  rule('coordination.k8s.io', ['leases'], change),
  rule('discovery.k8s.io', ['endpointslices'], read),
  rule('authentication.k8s.io', ['tokenreviews'], ['create']),
  rule('authorization.k8s.io', ['subjectaccessreviews'], ['create']),
];

const daemonSet = (config: BootConfig): object => ({
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: { name, namespace, labels },
  spec: {
    selector: { matchLabels: labels },
    updateStrategy: { type: 'RollingUpdate' },
    template: { metadata: { labels }, spec: podSpec(config) },
  },
});

const podSpec = (config: BootConfig): object => ({
  serviceAccountName: name,
  priorityClassName: 'system-cluster-critical',
  hostNetwork: true,
  dnsPolicy: 'Default',
  nodeSelector: { 'node-role.kubernetes.io/control-plane': '' },
  // It must run before it has initialized any Node, including its own.
  tolerations: [
    { key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' },
    { key: 'node.cloudprovider.kubernetes.io/uninitialized', value: 'true', effect: 'NoSchedule' },
    { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' },
    { key: 'node.kubernetes.io/network-unavailable', effect: 'NoSchedule' },
  ],
  containers: [
    {
      name,
      image: `registry.k8s.io/cloud-provider-gcp/cloud-controller-manager:${config.versions.cloudController}`,
      args: [
        '--cloud-provider=gce',
        '--cloud-config=/etc/cloud/cloud.config',
        '--leader-elect=true',
        `--cluster-name=${config.cluster}`,
        `--cluster-cidr=${config.podCidr}`,
        '--allocate-node-cidrs=true',
        '--cidr-allocator-type=CloudAllocator',
        '--configure-cloud-routes=false',
        '--controllers=*,-gkenetworkparamset',
        '--use-service-account-credentials=false',
      ],
      resources: { requests: { cpu: '50m', memory: '64Mi' } },
      volumeMounts: [{ name: 'cloud-config', mountPath: '/etc/cloud', readOnly: true }],
    },
  ],
  volumes: [{ name: 'cloud-config', configMap: { name } }],
});
