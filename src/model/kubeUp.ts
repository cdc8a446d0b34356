import { invalid } from '../lib/operatorError.ts';
import type { ClusterInput } from './cluster.ts';
import { diskVariables, flagOf, wholeOf, type Exports } from './kubeUpVariables.ts';
import { poolFromVariables, poolVariableNames } from './poolOptions.ts';

/** A variable of kube-up that has no effect any more, and why. None is silently dropped. */
export interface Note {
  readonly name: string;
  readonly reason: string;
}

/** What `kube-up` means to do by its variables. */
export interface KubeUp {
  /** create a cluster, add a pool to one (KUBE_USE_EXISTING_MASTER), or a master (KUBE_REPLICATE_EXISTING_MASTER). */
  readonly do: 'create' | 'pool' | 'replicate';
  readonly wish: Omit<ClusterInput, 'project'>;
  /** KUBE_REPLICA_NAME: name of the new master. */
  readonly replica: string | undefined;
  readonly notes: readonly Note[];
}

/** What `kube-down` means to do by its variables. */
export interface KubeDown {
  readonly cluster: string;
  readonly zone: string;
  readonly keepNodes: boolean;
  readonly existingMaster: boolean;
  readonly replica: string | undefined;
  readonly notes: readonly Note[];
}

const withoutMeaning: Readonly<Record<string, string>> = {
  MULTIZONE: 'every cluster of Trizone may use all zones of its region',
  ENABLE_ETCD_QUORUM_READ: 'reads of etcd 3 are linearizable without it',
  ENABLE_ETCD_QUORUM_READS: 'the scripts never read it, and reads of etcd 3 are linearizable without it',
  KUBE_DELETE_NETWORK: "a cluster's network is its own and goes with it",
  REGISTER_MASTER: 'masters are always registered, not schedulable',
  KUBE_GCE_ENABLE_IP_ALIASES: 'pods always get alias ranges',
  KUBE_CLUSTER_INITIALIZATION_TIMEOUT: 'every step has a deadline of its own',
  ALLOWED_NOTREADY_NODES: 'validation wants all nodes Ready',
  CLUSTER_READY_ADDITIONAL_TIME_SECONDS: 'every step has a deadline of its own',
  KUBE_UP_AUTOMATIC_CLEANUP: 'an existing cluster is gone on with, never deleted by an up',
  KUBE_GCI_VERSION: 'machines boot Ubuntu LTS, not Container-Optimized OS',
  KUBE_GCE_MASTER_IMAGE: 'machines boot Ubuntu LTS; one image per plan',
  KUBE_GCE_NODE_IMAGE: 'machines boot Ubuntu LTS; one image per plan',
  KUBE_OS_DISTRIBUTION: 'machines boot Ubuntu LTS',
  KUBE_MASTER_OS_DISTRIBUTION: 'machines boot Ubuntu LTS',
  KUBE_NODE_OS_DISTRIBUTION: 'machines boot Ubuntu LTS',
  NODE_SCOPES: 'machines have service accounts with roles instead of scopes',
  PREEMPTIBLE_MASTER: 'a master that Google may take away at any time is not offered',
  KUBE_ENABLE_CLUSTER_AUTOSCALER: 'pools have a fixed size',
  ENABLE_CLUSTER_AUTOSCALER: 'pools have a fixed size',
  GCE_PRIVATE_CLUSTER: 'private clusters are not offered yet',
  KUBE_ADMISSION_CONTROL: 'kubeadm chooses the admission plugins',
  KUBE_GCE_CLUSTER_CLASS_B: 'ranges are set by CLUSTER_IP_RANGE',
  LOGGING_DESTINATION: 'no add-on for logs is installed',
  ENABLE_NODE_LOGGING: 'no add-on for logs is installed',
  ENABLE_CLUSTER_MONITORING: 'no add-on for monitoring is installed',
  ENABLE_CLUSTER_UI: 'the dashboard is not installed',
  MASTER_IP_RANGE: 'masters take their addresses from the subnet: NODE_IP_RANGE',
  NON_MASQUERADE_CIDR: 'pods reach each other by alias ranges, and nothing of the cluster is masqueraded',
  ALLOCATE_NODE_CIDRS: 'pods always get alias ranges',
  KUBE_TEMP: 'no temporary files are needed',
};

const masterDisk = diskVariables('master');

const used = [
  'KUBERNETES_PROVIDER',
  'NUM_NODES',
  'KUBE_GCE_ZONE',
  'KUBE_USE_EXISTING_MASTER',
  'KUBE_REPLICATE_EXISTING_MASTER',
  'KUBE_REPLICA_NAME',
  'KUBE_DELETE_NODES',
  'KUBE_GCE_INSTANCE_PREFIX',
  'CLUSTER_NAME',
  'KUBE_GCE_NETWORK',
  'MASTER_SIZE',
  ...masterDisk.names,
  ...poolVariableNames,
  'CLUSTER_IP_RANGE',
  'SERVICE_CLUSTER_IP_RANGE',
  'NODE_IP_RANGE',
  'KUBECONFIG',
  'PROJECT',
];

/** Default zone of the scripts (config-default.sh). */
const defaultZone = 'us-central1-b';

/** `KUBE_GCE_ZONE=… kube-up`: what is asked for, in our words. Like the script it looks at KUBE_USE_EXISTING_MASTER first. */
export const readKubeUp = (env: Exports): KubeUp => {
  checkProvider(env);
  const [pool, replicate] = [
    flagOf(env, 'KUBE_USE_EXISTING_MASTER', false),
    flagOf(env, 'KUBE_REPLICATE_EXISTING_MASTER', false),
  ];
  const notes = notesOf(env);
  if (pool && replicate)
    notes.push({
      name: 'KUBE_REPLICATE_EXISTING_MASTER',
      reason: 'KUBE_USE_EXISTING_MASTER=true goes before it, as in the script',
    });
  const replica = env.KUBE_REPLICA_NAME || undefined;
  return { do: pool ? 'pool' : replicate ? 'replicate' : 'create', wish: wishOf(env), replica, notes };
};

const wishOf = (env: Exports): Omit<ClusterInput, 'project'> => {
  const nodes = wholeOf(env, 'NUM_NODES');
  const master = masterDisk.read(env);
  const text = (name: string): string | undefined => env[name] || undefined;
  const name = clusterName(env);
  const [masterType, podCidr, serviceCidr, subnetCidr] = [
    'MASTER_SIZE',
    'CLUSTER_IP_RANGE',
    'SERVICE_CLUSTER_IP_RANGE',
    'NODE_IP_RANGE',
  ].map(text);
  return {
    name,
    zone: env.KUBE_GCE_ZONE || defaultZone,
    ...(nodes === undefined ? {} : { nodes }),
    ...(masterType === undefined ? {} : { masterType }),
    ...(master === undefined ? {} : { masterDisk: master }),
    ...poolFromVariables(env),
    ...(podCidr === undefined ? {} : { podCidr }),
    ...(serviceCidr === undefined ? {} : { serviceCidr }),
    ...(subnetCidr === undefined ? {} : { subnetCidr }),
  };
};

/** `KUBE_GCE_ZONE=… kube-down`; what follows from it is the table in the cluster's design. */
export const readKubeDown = (env: Exports): KubeDown => {
  checkProvider(env);
  return {
    cluster: clusterName(env),
    zone: env.KUBE_GCE_ZONE || defaultZone,
    keepNodes: !flagOf(env, 'KUBE_DELETE_NODES', true),
    existingMaster: flagOf(env, 'KUBE_USE_EXISTING_MASTER', false),
    replica: env.KUBE_REPLICA_NAME || undefined,
    notes: notesOf(env),
  };
};

const clusterName = (env: Exports): string => env.KUBE_GCE_INSTANCE_PREFIX || env.CLUSTER_NAME || 'kubernetes';

const checkProvider = (env: Exports): void => {
  const provider = env.KUBERNETES_PROVIDER || 'gce';
  if (provider !== 'gce')
    throw invalid(
      `KUBERNETES_PROVIDER must be gce: ${provider}`,
      'Use KUBERNETES_PROVIDER=gce; for other clouds see kops.',
    );
  const network = env.KUBE_GCE_NETWORK || 'default';
  if (network !== 'default') {
    throw invalid(
      `KUBE_GCE_NETWORK cannot name a network, a cluster makes its own: ${network}`,
      'Unset KUBE_GCE_NETWORK.',
    );
  }
};

// Kubernetes itself puts KUBERNETES_SERVICE_* into pods; those and other people's variables are none of kube-up's.
const notesOf = (env: Exports): Note[] =>
  Object.keys(env)
    .filter((name) => env[name] !== undefined && env[name] !== '' && !used.includes(name))
    .flatMap((name) => {
      const reason = withoutMeaning[name] ?? (name.startsWith('KUBE_') ? 'Trizone does not know it' : undefined);
      return reason === undefined ? [] : [{ name, reason }];
    });
