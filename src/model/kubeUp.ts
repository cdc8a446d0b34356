import { invalid } from '../lib/operatorError.ts';
import type { ClusterInput } from './cluster.ts';
import { diskVariables, flagOf, wholeOf, type Exports } from './kubeUpVariables.ts';
import { poolFromVariables, poolVariableNames } from './poolOptions.ts';

/** A variable of kube-up that no longer has an effect, and why. None is silently dropped. */
export interface Note {
  readonly name: string;
  readonly reason: string;
}

/** What `kube-up` is asked to do by its variables. */
export interface KubeUp {
  /** Create a cluster, add a pool (KUBE_USE_EXISTING_MASTER), or add a master (KUBE_REPLICATE_EXISTING_MASTER). */
  readonly do: 'create' | 'pool' | 'replicate';
  readonly request: Omit<ClusterInput, 'project'>;
  /** KUBE_REPLICA_NAME: name of the new master. */
  readonly replica: string | undefined;
  readonly notes: readonly Note[];
}

/** What `kube-down` is asked to do by its variables. */
export interface KubeDown {
  readonly cluster: string;
  readonly zone: string;
  readonly keepNodes: boolean;
  readonly existingMaster: boolean;
  readonly replica: string | undefined;
  readonly notes: readonly Note[];
}

const withoutMeaning: Readonly<Record<string, string>> = {
  MULTIZONE: 'every cluster can use all zones in its region',
  ENABLE_ETCD_QUORUM_READ: 'etcd 3 reads are linearizable without it',
  ENABLE_ETCD_QUORUM_READS: 'the scripts never read it, and etcd 3 reads are linearizable without it',
  KUBE_DELETE_NETWORK: 'each cluster has its own network, which is deleted with it',
  REGISTER_MASTER: 'masters are always registered as unschedulable',
  KUBE_GCE_ENABLE_IP_ALIASES: 'pods always use alias IP ranges',
  KUBE_CLUSTER_INITIALIZATION_TIMEOUT: 'every step has its own timeout',
  ALLOWED_NOTREADY_NODES: 'validation requires all nodes to be Ready',
  CLUSTER_READY_ADDITIONAL_TIME_SECONDS: 'every step has its own timeout',
  KUBE_UP_AUTOMATIC_CLEANUP: 'up continues with an existing cluster and never deletes it',
  KUBE_GCI_VERSION: 'instances boot Ubuntu LTS, not Container-Optimized OS',
  KUBE_GCE_MASTER_IMAGE: 'instances boot Ubuntu LTS, with one image per plan',
  KUBE_GCE_NODE_IMAGE: 'instances boot Ubuntu LTS, with one image per plan',
  KUBE_OS_DISTRIBUTION: 'instances boot Ubuntu LTS',
  KUBE_MASTER_OS_DISTRIBUTION: 'instances boot Ubuntu LTS',
  KUBE_NODE_OS_DISTRIBUTION: 'instances boot Ubuntu LTS',
  NODE_SCOPES: 'instances use service accounts with IAM roles instead of scopes',
  PREEMPTIBLE_MASTER: 'preemptible masters are not supported',
  KUBE_ENABLE_CLUSTER_AUTOSCALER: 'pools have a fixed size',
  ENABLE_CLUSTER_AUTOSCALER: 'pools have a fixed size',
  GCE_PRIVATE_CLUSTER: 'private clusters are not supported yet',
  KUBE_ADMISSION_CONTROL: 'kubeadm chooses the admission plugins',
  KUBE_GCE_CLUSTER_CLASS_B: 'use CLUSTER_IP_RANGE to set ranges',
  LOGGING_DESTINATION: 'no logging add-on is installed',
  ENABLE_NODE_LOGGING: 'no logging add-on is installed',
  ENABLE_CLUSTER_MONITORING: 'no monitoring add-on is installed',
  ENABLE_CLUSTER_UI: 'the dashboard is not installed',
  MASTER_IP_RANGE: 'masters get their addresses from the subnet, NODE_IP_RANGE',
  NON_MASQUERADE_CIDR:
    'pods reach each other through alias IP ranges, and traffic inside the cluster is not masqueraded',
  ALLOCATE_NODE_CIDRS: 'pods always use alias IP ranges',
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

/** `KUBE_GCE_ZONE=… kube-up` as a request. Like the script, it checks KUBE_USE_EXISTING_MASTER first. */
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
      reason: 'KUBE_USE_EXISTING_MASTER=true takes precedence, as in the script',
    });
  const replica = env.KUBE_REPLICA_NAME || undefined;
  return { do: pool ? 'pool' : replicate ? 'replicate' : 'create', request: requestOf(env), replica, notes };
};

const requestOf = (env: Exports): Omit<ClusterInput, 'project'> => {
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

/** `KUBE_GCE_ZONE=… kube-down`; the table in the cluster's design says what follows. */
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
      'Use KUBERNETES_PROVIDER=gce. For other clouds, see kops.',
    );
  const network = env.KUBE_GCE_NETWORK || 'default';
  if (network !== 'default') {
    throw invalid(
      `KUBE_GCE_NETWORK is not supported, every cluster creates its own network: ${network}`,
      'Unset KUBE_GCE_NETWORK.',
    );
  }
};

// Kubernetes puts KUBERNETES_SERVICE_* into pods; those and unrelated variables are not kube-up's.
const notesOf = (env: Exports): Note[] =>
  Object.keys(env)
    .filter((name) => env[name] !== undefined && env[name] !== '' && !used.includes(name))
    .flatMap((name) => {
      const reason = withoutMeaning[name] ?? (name.startsWith('KUBE_') ? 'unknown to Trizone' : undefined);
      return reason === undefined ? [] : [{ name, reason }];
    });
