/** One wrong use of the program, beside a cluster `kubernetes` in europe-west1-b with three nodes. */
export interface BadInput {
  readonly what: string;
  /** `$HOME` and `$ENDPOINT` are filled in. */
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** 2 wrong use, 3 refused by a guard, 1 failed with a named error. */
  readonly exit: 1 | 2 | 3;
  /** Line before the last: the error; the last one is the proposal. */
  readonly says: RegExp;
  /** False where root is refused nothing. */
  readonly asRoot?: false;
}

type Row = [what: string, words: string, exit: 1 | 2 | 3, says: RegExp, env?: Readonly<Record<string, string>>];

const up = 'up --zone europe-west1-b --yes';
const fresh = `${up} --cluster other`;
const b = { KUBE_GCE_ZONE: 'europe-west1-b' };

const words: Row[] = [
  ['unknown verb', 'upp', 2, /No such verb: upp/],
  ['unknown option', 'up --zome europe-west1-b', 2, /No such option: --zome/],
  ['unknown short option', 'up -z europe-west1-b', 2, /No such option: -z/],
  ['option of another verb', 'status --zone europe-west1-b', 2, /status does not know --zone/],
  ['option without its value', 'up --zone', 2, /Option needs a value: --zone/],
  ['option with an empty value', 'up --zone=', 2, /Option needs a value: --zone/],
  ['negative number behind an option', 'up --zone europe-west1-b --nodes -1', 2, /Option needs a value: --nodes/],
  ['value for a flag', `${up}=no`, 2, /Option takes no value: --yes/],
  ['a word too many', 'status kubernetes', 2, /Too many words after status: kubernetes/],
  ['two runs to resume', 'resume one two', 2, /Too many words after resume: one two/],
  ['--output and --merge', 'kubeconfig --output $HOME/k --merge', 2, /--output and --merge exclude each other/],
  [
    '--yes-delete of another cluster',
    'down --cluster kubernetes --yes-delete prod',
    2,
    /--yes-delete names another cluster: prod, not kubernetes/,
  ],
  ['--yes where the name is wanted', 'down --yes', 2, /down does not know --yes/],
  [
    'nobody to confirm up',
    'up --zone europe-west1-b --cluster other',
    2,
    /Nobody is there to confirm the plan: nothing was changed/,
  ],
  ['nobody to confirm down', 'down', 2, /Nobody is there to confirm the plan: nothing was changed/],
  ['nobody to confirm undo', 'undo', 2, /Nobody is there to confirm the plan: nothing was changed/],
];

const wishes: Row[] = [
  ['no zone', 'up --yes', 2, /No zone given/],
  ['no zone, an empty variable', 'up --yes', 2, /No zone given/, { TRIZONE_ZONE: '' }],
  ['a region as zone', 'up --zone europe-west1 --yes', 2, /Not a zone name \(region, dash, letter\): "europe-west1"/],
  ['zone in capitals', 'up --zone EUROPE-WEST1-B --yes', 2, /Not a zone name/],
  [
    'a zone that the region has not',
    'up --zone europe-west1-a --cluster other --yes',
    2,
    /No such zone: europe-west1-a/,
  ],
  [
    'a region that does not exist',
    'up --zone europe-west99-b --cluster other --yes',
    2,
    /No such zone: europe-west99-b/,
  ],
  [
    'another zone than the cluster’s first',
    'up --zone europe-west1-c --yes',
    3,
    /The cluster exists with another first zone: europe-west1-b, asked for europe-west1-c/,
  ],
  [
    'another region than the cluster’s',
    'up --zone us-central1-a --yes',
    3,
    /The cluster exists with another region: europe-west1, asked for us-central1/,
  ],
  [
    'name with capitals and underscore',
    `${up} --cluster My_Cluster`,
    2,
    /Cluster name breaks the rule \(1 to 20 characters.*: "My_Cluster"/,
  ],
  ['name with 21 characters', `${up} --cluster abcdefghijabcdefghijk`, 2, /Cluster name breaks the rule/],
  ['name of a path', `${up} --cluster ../x`, 2, /Cluster name breaks the rule/],
  ['name to delete', 'down --yes-delete -Kubernetes', 2, /Option needs a value: --yes-delete/],
  ['name to validate', 'validate --cluster No', 2, /Cluster name breaks the rule/],
  [
    'a cluster that is not there',
    'validate --cluster nope',
    1,
    /\(not-found\): No cluster of that name in emulator at .*: nope/,
  ],
  [
    'a kubeconfig of no cluster',
    'kubeconfig --cluster nope',
    1,
    /\(not-found\): No kubeconfig has been published by cluster nope/,
  ],
  ['nodes in words', `${up} --nodes three`, 2, /--nodes must be a whole number: three/],
  ['half a node', `${up} --nodes 1.5`, 2, /--nodes must be a whole number: 1\.5/],
  ['too many nodes', `${up} --nodes 1001`, 2, /Nodes must be a whole number from 0 to 1000: 1001/],
  ['another number of nodes', `${up} --nodes 5`, 3, /The pool exists with another size: 3 nodes, asked for 5/],
  ['no machine type', `${fresh} --machine-type big`, 2, /Not a machine type: "big"/],
  [
    'a machine type that does not exist',
    `${fresh} --machine-type e9-huge-2`,
    2,
    /No such machine type in europe-west1-b: e9-huge-2/,
  ],
  [
    'a master type that does not exist',
    `${fresh} --master-type n7-small-1`,
    2,
    /No such machine type in europe-west1-b: n7-small-1/,
  ],
  ['Kubernetes too old', `${fresh} --kubernetes 1.30.1`, 2, /Kubernetes version is not supported: 1\.30\.1/],
  ['Kubernetes in words', `${fresh} --kubernetes latest`, 2, /Kubernetes version is not supported: latest/],
  [
    'pod range with host bits',
    `${fresh} --pod-range 10.64.0.1/14`,
    2,
    /CIDR range has host bits set: 10\.64\.0\.1\/14/,
  ],
  ['public pod range', `${fresh} --pod-range 8.8.0.0/16`, 2, /Pod range must be private/],
  ['pod range too small', `${fresh} --pod-range 10.64.0.0/24`, 2, /Pod range is too small/],
  ['overlapping ranges', `${fresh} --service-range 10.128.0.0/16`, 2, /Service range and Subnet range overlap/],
  [
    'subnet range too small',
    `${fresh} --subnet-range 10.128.0.0/30`,
    2,
    /Subnet range is too small, Google's limit is \/29/,
  ],
  [
    'another pod range than the cluster’s',
    `${up} --pod-range 10.96.0.0/14`,
    3,
    /The cluster exists with another pod range: 10\.64\.0\.0\/14, asked for 10\.96\.0\.0\/14/,
  ],
  [
    'another subnet range than the cluster’s',
    `${up} --subnet-range 10.132.0.0/20`,
    3,
    /The cluster exists with another subnet range: 10\.128\.0\.0\/20, asked for 10\.132\.0\.0\/20/,
  ],
  [
    'an address as allow-list',
    `${fresh} --api-allow 203.0.113.5`,
    2,
    /Not a CIDR range \(a\.b\.c\.d\/n\): "203\.0\.113\.5"/,
  ],
  [
    'an allow-list with a gap',
    `${fresh} --api-allow 203.0.113.0/24,,10.0.0.0/8`,
    2,
    /Not a CIDR range \(a\.b\.c\.d\/n\): ""/,
  ],
  ['no project id', `${fresh} --project Not_A_Project`, 2, /Not a project id .*: "Not_A_Project"/],
  [
    'a project that the emulator has not',
    `${fresh} --project other-project`,
    2,
    /The emulator has one project, demo: asked for other-project/,
  ],
];

const places: Row[] = [
  [
    'endpoint of another computer',
    'status --endpoint http://example.com:80',
    2,
    /An emulator's endpoint must be an address of this computer .*: http:\/\/example\.com:80/,
  ],
  [
    'endpoint that is no URL',
    'status --endpoint nonsense',
    2,
    /An emulator's endpoint must be an address of this computer .*: nonsense/,
  ],
  ['endpoint with a path', 'status --endpoint http://127.0.0.1:4711/compute', 2, /An emulator's endpoint must be/],
  ['endpoint with a person in it', 'status --endpoint http://me@127.0.0.1:4711', 2, /An emulator's endpoint must be/],
  [
    'endpoint that looks like this computer',
    'status --endpoint http://127.0.0.1.example.com',
    2,
    /An emulator's endpoint must be/,
  ],
  [
    'endpoint of another protocol',
    'status',
    2,
    /An emulator's endpoint must be/,
    { TRIZONE_ENDPOINT: 'ftp://127.0.0.1' },
  ],
  [
    'endpoint where nobody listens',
    'status --endpoint http://127.0.0.1:1',
    1,
    /\(emulator\): The emulator does not answer: http:\/\/127\.0\.0\.1:1/,
  ],
  [
    'token that is not there',
    'status',
    1,
    /\(emulator\): The emulator's token cannot be read: .*, not there/,
    { CLOUDSDK_AUTH_ACCESS_TOKEN_FILE: '$HOME/nothing' },
  ],
  [
    'token that is a folder',
    'status',
    1,
    /\(emulator\): The emulator's token cannot be read: .*, it is a folder/,
    { CLOUDSDK_AUTH_ACCESS_TOKEN_FILE: '$HOME/folder' },
  ],
  [
    'token of another emulator',
    'status',
    1,
    /\(emulator\): The emulator does not accept the token of/,
    { CLOUDSDK_AUTH_ACCESS_TOKEN_FILE: '$HOME/token' },
  ],
  [
    'state folder that is a file',
    'status',
    2,
    /The state folder must be a folder that can be written to: .*file, a file is in the way/,
    { TRIZONE_STATE: '$HOME/file' },
  ],
  [
    'state folder below a file',
    up,
    2,
    /The state folder must be a folder that can be written to/,
    { TRIZONE_STATE: '$HOME/file/state' },
  ],
  [
    'state folder that is a file, for runs',
    'runs',
    2,
    /The state folder must be a folder/,
    { TRIZONE_STATE: '$HOME/file' },
  ],
  [
    'state folder that is a file, for the emulator',
    'emulator --state $HOME/file',
    2,
    /The state folder must be a folder/,
  ],
  ['kubeconfig into a folder', 'kubeconfig --output $HOME/folder', 2, /Cannot write: .*, it is a folder/],
  ['kubeconfig below a file', 'kubeconfig --output $HOME/file/k', 2, /Cannot write: .*, a file is in the way/],
  [
    'own kubeconfig with broken YAML',
    'kubeconfig --merge',
    2,
    /Not valid YAML: line \d+, column \d+: .*broken\.yaml/,
    { KUBECONFIG: '$HOME/broken.yaml' },
  ],
  [
    'own kubeconfig that is none',
    'kubeconfig --merge',
    2,
    /Not a kubeconfig: clusters .*list\.yaml/,
    { KUBECONFIG: '$HOME/list.yaml' },
  ],
  [
    'own kubeconfig that is a folder',
    'kubeconfig --merge',
    2,
    /Cannot read the kubeconfig: .*, it is a folder/,
    { KUBECONFIG: '$HOME/folder' },
  ],
  [
    'own kubeconfig below a file',
    'kubeconfig --merge',
    2,
    /The kubeconfig's folder must be a folder that can be written to/,
    { KUBECONFIG: '$HOME/file/k' },
  ],
];

const emulator: Row[] = [
  [
    'port out of range',
    'emulator --state $HOME/e --port 70000',
    2,
    /--port must be a whole number from 1024 to 65535: 70000/,
  ],
  [
    'port of the system',
    'emulator --state $HOME/e --port 80',
    2,
    /--port must be a whole number from 1024 to 65535: 80/,
  ],
  ['port in words', 'emulator --state $HOME/e --port http', 2, /--port must be a whole number/],
  ['time scale 0', 'emulator --state $HOME/e --time-scale 0', 2, /--time-scale must be above 0 and at most 1: 0/],
  ['time scale 7', 'emulator --state $HOME/e --time-scale 7', 2, /--time-scale must be above 0 and at most 1: 7/],
  [
    'time scale in words',
    'emulator --state $HOME/e --time-scale fast',
    2,
    /--time-scale must be above 0 and at most 1: fast/,
  ],
  ['no project id for an emulator', 'emulator --state $HOME/e --project X', 2, /Not a project id/],
  ['something that the emulator cannot', 'emulator restart', 2, /The emulator cannot: restart/],
  [
    'other options for an emulator that runs',
    'emulator --time-scale 0.5',
    3,
    /An emulator runs on this state folder already, started otherwise: timeScale/,
  ],
  [
    'fault file that is not there',
    'emulator --state $HOME/e --faults $HOME/nothing',
    2,
    /The fault script cannot be read: .*, not there/,
  ],
  [
    'fault file with broken JSON',
    'emulator --state $HOME/e --faults $HOME/broken.json',
    2,
    /The fault script cannot be read: .*JSON/,
  ],
  [
    'fault file without a list',
    'emulator --state $HOME/e --faults $HOME/noList.json',
    2,
    /Fault script is not valid: top: .*Expected Array/,
  ],
  [
    'fault file with an unknown fault',
    'emulator --state $HOME/e --faults $HOME/unknownFault.json',
    2,
    /Fault script is not valid: 0\.fault: .*"explodes"/,
  ],
  [
    'fault file with an unknown match',
    'emulator --state $HOME/e --faults $HOME/unknownMatch.json',
    2,
    /Fault script is not valid: 0\.match\.kindd/,
  ],
];

const runs: Row[] = [
  ['unknown run', 'resume nope', 2, /No run of that name: nope/],
  ['unknown run to undo', 'undo nope', 2, /No run of that name: nope/],
  ['run by a path', 'resume ../holder', 2, /No run of that name: \.\.\/holder/],
  ['run of another project', 'resume elsewhere', 2, /The run is of another project, other-project: elsewhere/],
  ['run from a newer version', 'resume newer --yes', 1, /\(journal\): The run was written by a newer Trizone: newer/],
  [
    'run from a newer version to undo',
    'undo newer --yes',
    1,
    /\(journal\): The run was written by a newer Trizone: newer/,
  ],
  [
    'run with a damaged journal',
    'resume damaged --yes',
    1,
    /\(journal\): The run's journal is damaged from its first line on: .*damaged\.jsonl/,
  ],
  [
    'run that does not say what was asked',
    'resume strange --yes',
    1,
    /\(journal\): The run's journal does not say what was asked for: strange/,
  ],
];

const exports: Row[] = [
  ['another provider', 'kube-up --yes', 2, /KUBERNETES_PROVIDER must be gce: aws/, { KUBERNETES_PROVIDER: 'aws' }],
  ['NUM_NODES in words', 'kube-up --yes', 2, /NUM_NODES must be a whole number: many/, { NUM_NODES: 'many' }],
  ['no zone name', 'kube-up --yes', 2, /Not a zone name .*: "nowhere"/, { KUBE_GCE_ZONE: 'nowhere' }],
  [
    'a network of its own',
    'kube-up --yes',
    2,
    /KUBE_GCE_NETWORK cannot name a network.*: mine/,
    { KUBE_GCE_NETWORK: 'mine' },
  ],
  [
    'a flag that is neither',
    'kube-up --yes',
    2,
    /KUBE_USE_EXISTING_MASTER must be true or false: yes/,
    { KUBE_USE_EXISTING_MASTER: 'yes' },
  ],
  [
    'a pool beside the first',
    'kube-up --yes',
    3,
    /Adding a node pool is not offered yet/,
    { KUBE_USE_EXISTING_MASTER: 'true' },
  ],
  [
    'a replica',
    'kube-up --yes',
    3,
    /Replicating a master is not offered yet/,
    { KUBE_REPLICATE_EXISTING_MASTER: 'true' },
  ],
  [
    'disk size in words',
    'kube-up --yes',
    2,
    /MASTER_DISK_SIZE must be gigabytes: big/,
    { ...b, MASTER_DISK_SIZE: 'big' },
  ],
  [
    'unknown disk type',
    'kube-up --yes',
    2,
    /Node disk type must be one of .*: floppy/,
    { ...b, NODE_DISK_TYPE: 'floppy' },
  ],
  [
    'prefix with capitals',
    'kube-up --yes',
    2,
    /Cluster name breaks the rule .*: "Prod"/,
    { ...b, KUBE_GCE_INSTANCE_PREFIX: 'Prod' },
  ],
  [
    'prefix 33',
    'kube-up --yes',
    2,
    /Not a CIDR range .*: "10\.0\.0\.0\/33"/,
    { ...b, CLUSTER_IP_RANGE: '10.0.0.0/33' },
  ],
  [
    'another size of the pool',
    'kube-up --yes',
    3,
    /The pool exists with another size: 3 nodes, asked for 7/,
    { ...b, NUM_NODES: '7' },
  ],
  ['an option of up', 'kube-up --zone europe-west1-b', 2, /kube-up does not know --zone/],
  [
    'kube-down of the last master',
    'kube-down --yes',
    3,
    /kubernetes-master is the last master/,
    { ...b, KUBE_DELETE_NODES: 'false' },
  ],
  [
    'kube-down of a pool alone',
    'kube-down --yes',
    3,
    /Removing a node pool alone is not offered yet/,
    { ...b, KUBE_USE_EXISTING_MASTER: 'true' },
  ],
  [
    'kube-down of a replica that is not there',
    'kube-down --yes',
    3,
    /no master of that name: KUBE_REPLICA_NAME=kubernetes-master-abc/,
    { ...b, KUBE_REPLICA_NAME: 'kubernetes-master-abc' },
  ],
  [
    'kube-down with a flag that is neither',
    'kube-down --yes',
    2,
    /KUBE_DELETE_NODES must be true or false: maybe/,
    { ...b, KUBE_DELETE_NODES: 'maybe' },
  ],
  ['nobody to confirm kube-down', 'kube-down', 2, /Nobody is there to confirm the plan/, b],
];

const unwritable: BadInput[] = [
  {
    what: 'kubeconfig into a read-only folder',
    args: ['kubeconfig', '--output', '$HOME/readonly/k'],
    exit: 2,
    says: /Cannot write: .*, no permission/,
    asRoot: false,
  },
  {
    what: 'read-only state folder',
    args: ['status'],
    env: { TRIZONE_STATE: '$HOME/readonly' },
    exit: 2,
    says: /The state folder must be a folder that can be written to: .*, no permission/,
    asRoot: false,
  },
];

/** The table. */
export const rows: readonly BadInput[] = [
  ...[...words, ...wishes, ...places, ...emulator, ...runs, ...exports].map(([what, line, exit, says, env]) => ({
    ...{ what, args: line.split(' '), exit, says },
    ...(env === undefined ? {} : { env }),
  })),
  ...unwritable,
];
