import type { BootConfig } from './config.ts';

type Document = Readonly<Record<string, unknown>> & { readonly kind: string };

const kubeadmApi = 'kubeadm.k8s.io/v1beta4';

/**
 * kubeadm's configuration as JSON documents (JSON is YAML; kubeadm reads it), with `@WORD@` for values that only the
 * machine knows: @NAME@, @IP@, @INSTANCE_ID@, and from the join secret @TOKEN@ and @CA_HASH@. JSON, because the machine
 * merges an image's fragments into it and fills it in without a YAML library, and because no value can break out of its
 * string.
 */
export const kubeadmDocuments = (config: BootConfig): string => JSON.stringify(documentsOf(config));

const documentsOf = (config: BootConfig): Document[] => {
  if (config.role === 'node') return [joinConfiguration(config)];
  // A replica needs ClusterConfiguration, too: its timer signs credentials with it.
  if (config.role === 'replica') return [joinConfiguration(config), clusterConfiguration(config)];
  return [initConfiguration(config), clusterConfiguration(config), kubelet, kubeProxy];
};

const nodeRegistration = (config: BootConfig): object => ({
  name: '@NAME@',
  criSocket: 'unix:///run/containerd/containerd.sock',
  kubeletExtraArgs: [
    { name: 'cloud-provider', value: 'external' },
    { name: 'node-ip', value: '@IP@' },
    // By the instance ID, the masters' timer detects a Node left behind by an earlier instance of this name.
    {
      name: 'node-labels',
      value: `trizone-instance-id=@INSTANCE_ID@${config.pool === undefined ? '' : `,trizone-pool=${config.pool}`}`,
    },
  ],
});

// Port 443 because a passthrough load balancer does not translate ports and users expect https://IP.
const localApiEndpoint = { advertiseAddress: '@IP@', bindPort: 443 };

const initConfiguration = (config: BootConfig): Document => ({
  apiVersion: kubeadmApi,
  kind: 'InitConfiguration',
  localAPIEndpoint: localApiEndpoint,
  nodeRegistration: nodeRegistration(config),
  timeouts: { controlPlaneComponentHealthCheck: '8m0s', kubernetesAPICall: '2m0s' },
});

const clusterConfiguration = (config: BootConfig): Document => ({
  apiVersion: kubeadmApi,
  kind: 'ClusterConfiguration',
  clusterName: config.cluster,
  kubernetesVersion: `v${config.versions.kubernetes}`,
  controlPlaneEndpoint: `${config.internalIp}:443`,
  networking: { podSubnet: config.podCidr, serviceSubnet: config.serviceCidr, dnsDomain: 'cluster.local' },
  apiServer: {
    certSANs: [config.internalIp, config.externalIp, '127.0.0.1', 'localhost'],
    // Occasionally closes long-lived connections (GOAWAY), so that they rebalance across the masters.
    extraArgs: [{ name: 'goaway-chance', value: '0.001' }],
  },
  // Pod ranges are Google's alias ranges: the cloud controller manager writes them into the Nodes.
  controllerManager: { extraArgs: [{ name: 'allocate-node-cidrs', value: 'false' }] },
  etcd: { local: { dataDir: '/var/lib/etcd/data' } },
});

const joinConfiguration = (config: BootConfig): Document => ({
  apiVersion: kubeadmApi,
  kind: 'JoinConfiguration',
  discovery: {
    bootstrapToken: { apiServerEndpoint: `${config.internalIp}:443`, token: '@TOKEN@', caCertHashes: ['@CA_HASH@'] },
  },
  nodeRegistration: nodeRegistration(config),
  ...(config.role === 'replica'
    ? { controlPlane: { localAPIEndpoint: localApiEndpoint } }
    : { patches: { directory: '/etc/trizone/patches' } }),
  timeouts: { etcdAPICall: '4m0s', controlPlaneComponentHealthCheck: '8m0s' },
});

const kubelet: Document = {
  apiVersion: 'kubelet.config.k8s.io/v1beta1',
  kind: 'KubeletConfiguration',
  cgroupDriver: 'systemd',
};

const kubeProxy: Document = {
  apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
  kind: 'KubeProxyConfiguration',
  mode: 'nftables',
};
