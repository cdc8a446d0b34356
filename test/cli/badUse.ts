import type { BadInput, Row } from './badInput.ts';

const up = 'up --zone europe-west1-b --yes';

/** Verbs, options and confirmations. */
export const words: Row[] = [
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
  ['a pool without a word', 'pool --zone europe-west1-b', 2, /What to do with a pool\?/],
  ['a pool that cannot', 'pool drop --zone europe-west1-b', 2, /A pool cannot: drop/],
  ['a pool without a zone', 'pool add', 2, /No zone given/],
  [
    'a pool’s name with capitals',
    'pool add --zone europe-west1-b --pool Big',
    2,
    /Pool name breaks the rule .*: "Big"/,
  ],
  [
    'a pool in another region',
    'pool add --zone us-central1-b',
    2,
    /Zone must be of the cluster's region, europe-west1/,
  ],
  ['a pool with half a node', 'pool add --zone europe-west1-c --nodes 1.5', 2, /--nodes must be a whole number: 1\.5/],
  [
    'a pool with 1001 nodes',
    'pool add --zone europe-west1-c --nodes 1001',
    2,
    /Nodes must be a whole number from 0 to 1000/,
  ],
  ['a pool in a zone that is not there', 'pool add --zone europe-west1-a', 2, /No such zone: europe-west1-a/],
  [
    'a pool larger than the pod range',
    'pool add --zone europe-west1-c --nodes 1000 --pool big --machine-type x-nothing',
    2,
    /No such machine type in europe-west1-c: x-nothing/,
  ],
  [
    'a pool that exists in another size',
    'pool add --zone europe-west1-b --nodes 7',
    3,
    /The pool exists with another size: 3 nodes, asked for 7/,
  ],
  [
    'a pool of no cluster',
    'pool add --zone europe-west1-b --cluster nobody',
    1,
    /No cluster of that name in .*: nobody/,
  ],
  ['a resize without a size', 'pool resize --zone europe-west1-b', 2, /No number of nodes given/],
  [
    'a resize with a machine type',
    'pool resize --zone europe-west1-b --machine-type e2-small',
    2,
    /pool resize does not know --machine-type/,
  ],
  [
    'a resize of a pool that is not there',
    'pool resize --zone europe-west1-c --nodes 2',
    1,
    /No such pool in europe-west1-c: group/,
  ],
  [
    'a removal of a pool that is not there',
    'pool remove --zone europe-west1-c --pool big',
    1,
    /No such pool in europe-west1-c: big/,
  ],
  ['a removal with a size', 'pool remove --zone europe-west1-b --nodes 2', 2, /pool remove does not know --nodes/],
  ['a replica without a zone', 'replicate', 2, /No zone given/],
  [
    'a replica in another region',
    'replicate --zone us-central1-b',
    2,
    /Zone must be of the cluster's region, europe-west1/,
  ],
  [
    'a replica of no cluster',
    'replicate --zone europe-west1-c --cluster nobody',
    1,
    /No cluster of that name in .*: nobody/,
  ],
  ['high availability without zones', 'make-ha', 2, /No zones given/],
  ['high availability with a zone twice', 'make-ha --zones europe-west1-c,europe-west1-c', 2, /Zone given twice/],
  [
    'high availability across regions',
    'make-ha --zones europe-west1-c,us-central1-b',
    2,
    /Zones must be of one region/,
  ],
  ['a master without a word', 'master', 2, /What to do with a master\?/],
  ['a master that cannot', 'master fly', 2, /A master cannot: fly/],
  ['a removal without a name', 'master remove', 2, /No master named/],
  ['a start without a name', 'master start', 2, /No master named/],
  ['a start in a zone', 'master start kubernetes-master --zone europe-west1-b', 2, /master start takes no zone/],
  ['a repair of nothing', 'master repair kubernetes-master-zzz', 1, /No such master: kubernetes-master-zzz/],
  [
    'a repair in another region',
    'master repair kubernetes-master --zone us-east1-b',
    2,
    /must be of the cluster's region/,
  ],
  ['a drill without a word', 'drill', 2, /Which drill\?/],
  ['no such drill', 'drill reboot kubernetes-master', 2, /No such drill: reboot/],
  ['a drill of the only master', 'drill halt kubernetes-master --yes', 3, /would stop the API: 1 of 1 voters answer/],
  ['a drill whose report has no place', 'drill halt kubernetes-master --report /nowhere/r.md', 2, /cannot be written/],
  ['protection without a word', 'protect', 2, /Protect: on or off\?/],
  ['an article with a word', 'article report.json', 2, /article does not know: report\.json/],
  ['a pause after no step', 'article --pause-after 14', 2, /--pause-after must be a step from 1 to 13: 14/],
  ['a pause for nobody', 'article --pause-after 3', 2, /Nobody is there to go on/],
  ['an article where a cluster is', 'article', 3, /There is a cluster kubernetes already/],
  [
    'a removal of a master that is not there',
    'master remove kubernetes-master-zzz',
    1,
    /No such master: kubernetes-master-zzz/,
  ],
  ['a removal of the last master', 'master remove kubernetes-master', 3, /kubernetes-master is the last master/],
  ['zones of two regions', 'up --zones europe-west1-b,us-central1-b', 2, /Zones must be of one region/],
  [
    'six masters',
    'up --zones europe-west1-b,europe-west1-c,europe-west1-d,europe-west1-e,europe-west1-f,europe-west1-g',
    2,
    /At most 5 masters: 6 zones/,
  ],
  [
    'zones that do not begin with the first',
    'up --zone europe-west1-c --zones europe-west1-b,europe-west1-c',
    2,
    /The first zone must be the first of all zones/,
  ],
  ['--yes where the name is wanted', 'down --yes', 2, /down does not know --yes/],
];

/** Endpoints, tokens, folders and kubeconfigs. */
export const places: Row[] = [
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

/** Options of the emulator. */
export const emulator: Row[] = [
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

/** Names of runs, and what is left of their journals. */
export const runs: Row[] = [
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

/** Where nothing may be written. */
export const unwritable: BadInput[] = [
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

const unasked = (line: string, proposes: RegExp, env: BadInput['env'] = {}): BadInput => ({
  ...{ what: `nobody to confirm ${line}`, args: line.split(' '), env, exit: 2, proposes },
  says: /Nobody is there to confirm the plan: nothing was changed/,
});

/** Without a terminal and without the flag that this very verb knows. */
export const unconfirmed: BadInput[] = [
  unasked('up --zone europe-west1-b --cluster other', /Say --yes, or --plan/),
  unasked('pool add --zone europe-west1-c', /Say --yes, or --plan/),
  unasked('pool resize --zone europe-west1-b --nodes 4', /Say --yes, or --plan/),
  unasked('replicate --zone europe-west1-c', /Say --yes, or --plan/),
  unasked('make-ha --zones europe-west1-c,europe-west1-d', /Say --yes, or --plan/),
  unasked('down', /Say --yes-delete kubernetes, or --plan/),
  unasked('undo', /Say --yes, or --plan/),
  unasked('kube-down', /Say --yes, or --plan/, { KUBE_GCE_ZONE: 'europe-west1-b' }),
];
