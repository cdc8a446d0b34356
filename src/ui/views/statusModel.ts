import type { RunRow } from '../runRow.ts';
import type { ObservedCluster, Problem, Snapshot, Validation } from '../snapshot.ts';
import { clusterLines } from './statusLines.ts';
import type { Action, ClusterPanel, NoticeView, StatusModel } from './statusMessages.ts';
import { quorumView } from './statusQuorum.ts';
import { announcement, isBusy, openRuns, runView, type RunContext } from './statusRun.ts';
import { validatedOf } from './statusValidation.ts';
import { clockTime, timeWord, type Speaker } from '../words.ts';
import { zoneViews } from './statusZones.ts';

/** Input of the status view. */
export interface StatusInput extends Speaker {
  /** Undefined until the cloud or the cache has been read. */
  readonly snapshot: Snapshot | undefined;
  readonly runs: readonly RunRow[];
  readonly validations: readonly Validation[];
  /** Names of a region's zones, including those without resources of the cluster. */
  readonly zonesOf: (region: string) => readonly string[];
  /** If the cloud is an emulator: real time per simulated time. Undefined on Google Cloud. */
  readonly emulator: { readonly timeScale: number } | undefined;
  /** False in Restricted Mode, which offers no mutating commands. */
  readonly trusted: boolean;
}

/** The whole view as plain data. Pure: the same input gives the same text. */
export const statusModel = (input: StatusInput): StatusModel => {
  const clusters = input.snapshot?.clusters ?? [];
  const runs = input.runs.filter((r) => input.snapshot === undefined || r.project === input.snapshot.project);
  const open = openRuns(runs);
  const context: RunContext = { simulated: input.emulator !== undefined, trusted: input.trusted };
  const homeless = open.filter((r) => !clusters.some((c) => c.name === r.cluster));
  return {
    labels: labels(input),
    cloud: !input.snapshot?.project ? '' : input.t('Project {0}', input.snapshot.project),
    ...(input.emulator === undefined ? {} : { emulator: emulatorMark(input, input.emulator.timeScale) }),
    ...age(input),
    ...notice(input, homeless.length > 0),
    runs: homeless.map((r) => runView(input, r, context)),
    clusters: clusters.map((cluster) =>
      clusterView(
        input,
        cluster,
        open.find((r) => r.cluster === cluster.name),
        context,
      ),
    ),
    announcement: announcement(input, runs),
  };
};

const labels = ({ t }: Speaker): StatusModel['labels'] => ({
  status: t('Cluster status'),
  asTable: t('Show as table'),
  asColumns: t('Show as columns'),
  zones: t('Zones'),
  zone: t('Zone'),
  kind: t('Kind'),
  name: t('Name'),
  type: t('Machine type'),
  truths: {
    compute: { short: t('Instance'), full: t('Compute Engine') },
    kubernetes: { short: t('Node'), full: t('Kubernetes') },
    etcd: { short: t('etcd'), full: t('etcd') },
    balancer: { short: t('Backend'), full: t('Load balancer') },
  },
});

const emulatorMark = (input: StatusInput, timeScale: number): StatusModel['emulator'] => ({
  mark: input.t('Emulator'),
  explanation: input.t(
    'Emulated on this computer. A simulated minute takes {0} s.',
    Number((timeScale * 60).toFixed(2)),
  ),
});

const age = (input: StatusInput): Pick<StatusModel, 'age'> => {
  if (input.snapshot === undefined || input.snapshot.fresh || input.snapshot.at === 0) return {};
  const text = input.t(
    'As of {0} ({1} ago)',
    clockTime(input, input.snapshot.at),
    timeWord(input.t, input.now - input.snapshot.at),
  );
  return { age: { tone: input.snapshot.problem === undefined ? 'quiet' : 'warn', text } };
};

const notice = (input: StatusInput, busy: boolean): Pick<StatusModel, 'notice'> => {
  const { t, snapshot } = input;
  if (snapshot === undefined) {
    return busy ? {} : { notice: { tone: 'busy', title: t('Loading cloud state…'), details: [], actions: [] } };
  }
  if (snapshot.problem !== undefined) return { notice: problemNotice(input, snapshot.problem) };
  return snapshot.clusters.length > 0 || busy ? {} : { notice: emptyNotice(input) };
};

const emptyNotice = (input: StatusInput): NoticeView => {
  const { t } = input;
  const create = offer(t('Create Cluster…'), 'trizone.cluster.create', true);
  return {
    tone: 'quiet',
    title: t('No clusters in this project'),
    details: [t('After you create one, this view shows which failures it tolerates.')],
    actions: input.trusted ? [create] : [],
  };
};

const offer = (label: string, command: Action['command'], primary = false, cluster?: string): Action => ({
  label,
  command,
  target: cluster === undefined ? {} : { cluster },
  primary,
});

const problemNotice = (input: StatusInput, problem: Problem): NoticeView => {
  const { t } = input;
  const actions = problemActions(input, problem);
  // Not an error: no cloud is selected, or the selected emulator is stopped.
  if (problem.code === 'no-cloud') return { tone: 'quiet', title: t('No cloud selected'), details: [], actions };
  if (problem.code === 'emulator-stopped')
    return { tone: 'quiet', title: t('The emulator is not running'), details: [], actions };
  const title = t('Cannot read the state of the cloud');
  return { tone: 'bad', title, details: [problem.message, ...(problem.remedy ? [problem.remedy] : [])], actions };
};

// Specific remedies first; Refresh is always available.
const problemActions = (input: StatusInput, problem: Problem): Action[] => {
  const { t } = input;
  const again = offer(t('Refresh'), 'trizone.refresh');
  const log = offer(t('Show Log'), 'trizone.showLog');
  if (!input.trusted) return [again, log];
  if (input.emulator !== undefined && ['emulator', 'emulator-stopped', 'unavailable'].includes(problem.code))
    return [offer(t('Start the Emulator'), 'trizone.emulator.start', true), again, log];
  if (problem.code === 'no-cloud')
    return [
      offer(t('Try It Without an Account'), 'trizone.emulator.start', true),
      offer(t('Sign In…'), 'trizone.google.signIn'),
    ];
  if (problem.code === 'not-signed-in') return [offer(t('Sign In…'), 'trizone.google.signIn', true), again, log];
  if (['permission', 'api-disabled', 'billing', 'not-found'].includes(problem.code))
    return [again, offer(t('Choose Project…'), 'trizone.google.chooseProject'), log];
  return [again, log];
};

const clusterView = (
  input: StatusInput,
  cluster: ObservedCluster,
  run: RunRow | undefined,
  context: RunContext,
): ClusterPanel => {
  const busy = isBusy(run);
  return {
    id: cluster.uid,
    name: cluster.name,
    region: cluster.region,
    quorum: quorumView(input, cluster, staleAt(input, cluster)),
    ...(run === undefined ? {} : { run: runView(input, run, context) }),
    lines: clusterLines(input, cluster, validatedOf(cluster.name, input.validations, input.runs), !busy),
    zones: zoneViews(input, cluster, input.zonesOf(cluster.region)),
    actions: clusterActions(input, cluster, busy || isHeld(cluster)),
  };
};

// A run that is gone blocks nothing: a verb offers to take over.
const isHeld = ({ running }: ObservedCluster): boolean => running !== undefined && running.silentSeconds === undefined;

const staleAt = ({ snapshot }: StatusInput, cluster: ObservedCluster): number | undefined => {
  if (cluster.unreachable !== undefined) return cluster.kubernetesAt;
  return snapshot?.fresh === false ? snapshot.at : undefined;
};

const clusterActions = (input: StatusInput, cluster: ObservedCluster, busy: boolean): Action[] => {
  const { t } = input;
  const validate = offer(t('Validate'), 'trizone.cluster.validate', false, cluster.name);
  if (!input.trusted) return [validate];
  const kubeconfig = offer(t('Get Kubeconfig…'), 'trizone.cluster.kubeconfig', false, cluster.name);
  const tearDown = offer(t('Tear Down…'), 'trizone.cluster.tearDown', false, cluster.name);
  return [validate, kubeconfig, ...(busy ? [] : [tearDown])];
};
