import type { RunRow } from '../runRow.ts';
import type { ObservedCluster, Problem, Snapshot, Validation } from '../snapshot.ts';
import { clusterLines } from './statusLines.ts';
import type { Action, ClusterView, NoticeView, StatusModel } from './statusMessages.ts';
import { quorumView } from './statusQuorum.ts';
import { announcement, isBusy, openRuns, runView, type RunManner } from './statusRun.ts';
import { validatedOf } from './statusValidation.ts';
import { clockTime, timeWord, type Speaker } from '../words.ts';
import { zoneViews } from './statusZones.ts';

/** What the status view is drawn from. */
export interface StatusInput extends Speaker {
  /** Undefined until the cloud or the cache has been read. */
  readonly snapshot: Snapshot | undefined;
  readonly runs: readonly RunRow[];
  readonly validations: readonly Validation[];
  /** Names of a region's zones, also those that hold nothing of the cluster. */
  readonly zonesOf: (region: string) => readonly string[];
  /** The cloud is an emulator: real time per simulated time. Undefined on Google Cloud. */
  readonly emulator: { readonly timeScale: number } | undefined;
  /** In Restricted Mode nothing is offered that changes the world. */
  readonly trusted: boolean;
}

/** The whole view as plain data. Pure: the same input gives the same words. */
export const statusModel = (i: StatusInput): StatusModel => {
  const clusters = i.snapshot?.clusters ?? [];
  const runs = i.runs.filter((r) => i.snapshot === undefined || r.project === i.snapshot.project);
  const open = openRuns(runs);
  const manner: RunManner = { simulated: i.emulator !== undefined, trusted: i.trusted };
  const homeless = open.filter((r) => !clusters.some((c) => c.name === r.cluster));
  return {
    labels: labels(i),
    cloud: !i.snapshot?.project ? '' : i.t('Project {0}', i.snapshot.project),
    ...(i.emulator === undefined ? {} : { emulator: emulatorMark(i, i.emulator.timeScale) }),
    ...age(i),
    ...notice(i, homeless.length > 0),
    runs: homeless.map((r) => runView(i, r, manner)),
    clusters: clusters.map((c) =>
      clusterView(
        i,
        c,
        open.find((r) => r.cluster === c.name),
        manner,
      ),
    ),
    announcement: announcement(i, runs),
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

const emulatorMark = (i: StatusInput, timeScale: number): StatusModel['emulator'] => ({
  mark: i.t('Emulator'),
  explanation: i.t('Emulated on this computer. A simulated minute takes {0} s.', Number((timeScale * 60).toFixed(2))),
});

const age = (i: StatusInput): Pick<StatusModel, 'age'> => {
  if (i.snapshot === undefined || i.snapshot.fresh || i.snapshot.at === 0) return {};
  const text = i.t('As of {0} ({1} ago)', clockTime(i, i.snapshot.at), timeWord(i.t, i.now - i.snapshot.at));
  return { age: { tone: i.snapshot.problem === undefined ? 'quiet' : 'warn', text } };
};

const notice = (i: StatusInput, busy: boolean): Pick<StatusModel, 'notice'> => {
  const { t, snapshot } = i;
  if (snapshot === undefined) {
    return busy ? {} : { notice: { tone: 'busy', title: t('Loading cloud state…'), details: [], actions: [] } };
  }
  if (snapshot.problem !== undefined) return { notice: problemNotice(i, snapshot.problem) };
  return snapshot.clusters.length > 0 || busy ? {} : { notice: emptyNotice(i) };
};

const emptyNotice = (i: StatusInput): NoticeView => {
  const { t } = i;
  const create = offer(t('Create Cluster…'), 'trizone.cluster.create', true);
  return {
    tone: 'quiet',
    title: t('No clusters in this project'),
    details: [t('After you create one, this view shows which failures it tolerates.')],
    actions: i.trusted ? [create] : [],
  };
};

const offer = (label: string, command: Action['command'], primary = false, cluster?: string): Action => ({
  label,
  command,
  target: cluster === undefined ? {} : { cluster },
  primary,
});

const problemNotice = (i: StatusInput, p: Problem): NoticeView => {
  const { t } = i;
  const actions = problemActions(i, p);
  // Nothing is wrong here: a choice is open, or what was chosen rests.
  if (p.code === 'no-cloud') return { tone: 'quiet', title: t('No cloud selected'), details: [], actions };
  if (p.code === 'emulator-stopped')
    return { tone: 'quiet', title: t('The emulator is not running'), details: [], actions };
  const title = t('Cannot read the state of the cloud');
  return { tone: 'bad', title, details: [p.message, ...(p.remedy ? [p.remedy] : [])], actions };
};

// What helps against it, first; reading again is always possible.
const problemActions = (i: StatusInput, p: Problem): Action[] => {
  const { t } = i;
  const again = offer(t('Refresh'), 'trizone.refresh');
  const log = offer(t('Show Log'), 'trizone.showLog');
  if (!i.trusted) return [again, log];
  if (i.emulator !== undefined && ['emulator', 'emulator-stopped', 'unavailable'].includes(p.code))
    return [offer(t('Start the Emulator'), 'trizone.emulator.start', true), again, log];
  if (p.code === 'no-cloud')
    return [
      offer(t('Try It Without an Account'), 'trizone.emulator.start', true),
      offer(t('Sign In…'), 'trizone.google.signIn'),
    ];
  if (p.code === 'not-signed-in') return [offer(t('Sign In…'), 'trizone.google.signIn', true), again, log];
  if (['permission', 'api-disabled', 'billing', 'not-found'].includes(p.code))
    return [again, offer(t('Choose Project…'), 'trizone.google.chooseProject'), log];
  return [again, log];
};

const clusterView = (i: StatusInput, c: ObservedCluster, run: RunRow | undefined, manner: RunManner): ClusterView => {
  const busy = isBusy(run);
  return {
    id: c.uid,
    name: c.name,
    region: c.region,
    quorum: quorumView(i, c, staleAt(i, c)),
    ...(run === undefined ? {} : { run: runView(i, run, manner) }),
    lines: clusterLines(i, c, validatedOf(c.name, i.validations, i.runs), !busy),
    zones: zoneViews(i, c, i.zonesOf(c.region)),
    actions: clusterActions(i, c, busy || isHeld(c)),
  };
};

// A run that is gone is in nobody's way: a verb offers to go on in its place.
const isHeld = ({ running }: ObservedCluster): boolean => running !== undefined && running.silentSeconds === undefined;

const staleAt = ({ snapshot }: StatusInput, c: ObservedCluster): number | undefined => {
  if (c.unreachable !== undefined) return c.kubernetesAt;
  return snapshot?.fresh === false ? snapshot.at : undefined;
};

const clusterActions = (i: StatusInput, c: ObservedCluster, busy: boolean): Action[] => {
  const { t } = i;
  const validate = offer(t('Validate'), 'trizone.cluster.validate', false, c.name);
  if (!i.trusted) return [validate];
  const kubeconfig = offer(t('Get Kubeconfig…'), 'trizone.cluster.kubeconfig', false, c.name);
  const tearDown = offer(t('Tear Down…'), 'trizone.cluster.tearDown', false, c.name);
  return [validate, kubeconfig, ...(busy ? [] : [tearDown])];
};
