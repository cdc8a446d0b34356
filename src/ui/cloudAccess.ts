import { join } from 'node:path';
import { openSession, type Session } from '../compose.ts';
import type { Listen } from '../engine/events.ts';
import { fileJournals } from '../engine/journal.ts';
import { wallClock } from '../lib/clock.ts';
import {
  findEmulator,
  resetEmulator as emptyEmulator,
  startEmulator,
  stopEmulator,
  type RunningEmulator,
} from '../emulator/process.ts';
import { changeKubeconfigFile, mergeEntries, removeFromKubeconfigFile } from '../kube/kubeconfig.ts';
import { OperatorError } from '../lib/operatorError.ts';
import type { KubeDown } from '../model/kubeUp.ts';
import { kubeUpLines } from '../model/kubeUpExport.ts';
import { names } from '../model/names.ts';
import { emulatorCloud } from '../model/clusterIdentity.ts';
import type { Check } from '../steps/check.ts';
import { mastersOf, readExisting } from '../steps/existing.ts';
import { findLeftovers, findRoot } from '../steps/inventory.ts';
import type { Leftover } from '../steps/leftover.ts';
import { readStatus } from '../steps/status.ts';
import { rounds, validateRounds } from '../steps/validate.ts';
import { Article } from '../operate/article.ts';
import type { ArticleStep } from '../operate/articleReport.ts';
import { decideKubeDown, type KubeDownDecision } from '../verbs/kubeDown.ts';
import { applyVerb } from '../operate/operate.ts';
import { hasNothingToDo, planVerb, type CloudPlan } from '../operate/operator.ts';
import { planJson } from '../operate/planText.ts';
import { differenceText, type PlanDifference } from '../operate/planDifference.ts';
import type { Prepared, VerbOptions } from '../verbs/prepared.ts';
import { prepareAgain, undo, verbNamed, verbs } from '../verbs/registry.ts';
import type { Verb } from '../verbs/verb.ts';
import { closeRuns, forgetRun } from '../verbs/identity.ts';
import type { Asking } from './asking.ts';

/** All cloud access of the editor, in a separate bundle that is loaded on first use. Does not depend on VS Code. */

/** The connection selected in the editor. */
export interface DeskChoice {
  readonly cloud: 'google' | 'emulator';
  /** Empty: resolved as on the command line. */
  readonly project: string;
  readonly credentialsFile: string;
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  readonly onRetry: (text: string) => void;
}

/** Opens the selected cloud; does not start a stopped emulator (viewing starts nothing). */
export const openCloudAccess = async (choice: DeskChoice): Promise<Session> => {
  const env = environment(choice);
  if (choice.cloud === 'google')
    return openSession({ env, project: choice.project || undefined, onRetry: choice.onRetry });
  const running = await findEmulator(choice.folder);
  if (running === undefined) {
    throw new OperatorError('emulator-stopped', 'The emulator is not running', {
      remedy: 'To start it, run the command: Trizone: Try It Without an Account',
    });
  }
  return openSession({ env, endpoint: running.endpoint, onRetry: choice.onRetry });
};

// The window's environment does not select the cloud: the user did, in the editor.
const environment = ({ env, folder, credentialsFile }: DeskChoice): NodeJS.ProcessEnv => ({
  ...env,
  TRIZONE_STATE: folder,
  TRIZONE_ENDPOINT: undefined,
  CLOUDSDK_AUTH_ACCESS_TOKEN_FILE: undefined,
  ...(credentialsFile === '' ? {} : { GOOGLE_APPLICATION_CREDENTIALS: credentialsFile }),
});

/** A verb's plan, ready to be shown and applied. */
export interface Planned {
  /** The connection that it was planned on; it is applied on no other. */
  readonly session: Session;
  /** Whether it takes over from a run that is gone. */
  readonly takeOver: boolean;
  readonly prepared: Prepared;
  readonly plan: CloudPlan;
  /** As data for the tree and the document. */
  readonly json: ReturnType<typeof planJson>;
  /** Run to resume. */
  readonly resume: string | undefined;
  /** No changes, and no run to close. */
  readonly nothingToDo: boolean;
}

const prepare = (session: Session, asking: Asking, options: VerbOptions): Promise<Prepared | undefined> => {
  if ('resume' in asking)
    return prepareAgain(session.world, session.journals.read(asking.resume).plan, options, session.journals.list());
  if ('undo' in asking) return undo.prepare(session.world, { run: session.journals.read(asking.undo) }, options);
  return verbNamed(asking.verb).prepare(session.world, asking.request, options);
};

/** The verb behind a palette command; undefined for other commands. */
export const offered = (command: string): Verb | undefined => verbs.find((v) => v.palette?.command === command);

/** The verb with this name on the command line. */
export const verbByWords = (words: string): Verb | undefined => verbs.find((v) => v.help?.words === words);

/** Plans a verb; undefined if there is nothing left to do. Read-only. */
export const plan = async (
  session: Session,
  asking: Asking,
  takeOver: boolean,
  cancel: AbortSignal,
): Promise<Planned | undefined> => {
  const prepared = await prepare(session, asking, { ids: session.ids, takeOver });
  if (prepared === undefined) return undefined;
  const planned = await planVerb(session, prepared, cancel);
  const cloud = session.world.cloud.label;
  const resume = 'resume' in asking ? asking.resume : undefined;
  return {
    session,
    takeOver,
    prepared,
    plan: planned,
    json: planJson(planned, prepared, cloud),
    resume,
    nothingToDo: hasNothingToDo(planned, prepared, resume),
  };
};

/** Result of a run, including its own errors. */
export type AppliedRun = Awaited<ReturnType<typeof applyVerb>>;

/**
 * Applies a plan under the cluster's leases, on the connection that it was planned on. `differs` is called if the
 * cluster has changed since, with the differences from the plan.
 */
export const apply = (
  planned: Planned,
  listen: Listen,
  cancel: AbortSignal,
  differs: (text: string) => Promise<boolean>,
): Promise<AppliedRun> =>
  applyVerb(planned.session, planned.prepared, planned.plan, {
    ...{ listen, cancel, takeOver: planned.takeOver, probe: true },
    differs: (d: PlanDifference) => differs(differenceText(d)),
    ...(planned.resume === undefined ? {} : { resume: planned.resume }),
  });

/** Closes a run that will not be resumed. */
export const forget = (folder: string, run: string): void => {
  forgetRun({ folder, journals: fileJournals(folder), wall: wallClock }, run);
};

/** The checks of `validate`: the last of three rounds or the first failed one. */
export const validate = async (session: Session, cluster: string, cancel: AbortSignal): Promise<readonly Check[]> => {
  const root = await findRoot(session.world, cluster);
  if (root === undefined)
    throw new OperatorError('not-found', `Cluster not found in ${session.world.cloud.label}: ${cluster}`);
  const owner = { cluster, uid: root.record.uid };
  return validateRounds(session.world, owner, () => session.clock.sleep(rounds.everyMs, cancel));
};

/** Resources with a Trizone marker that belong to no cluster. */
export const leftovers = (s: Session): Promise<Leftover[]> => findLeftovers(s.world.cloud);

/** A cluster's admin kubeconfig. Never logged. */
export const readKubeconfig = async (session: Session, cluster: string): Promise<string> => {
  const text = await session.kubeconfig(names(cluster).secrets.admin);
  if (text !== undefined) return text;
  throw new OperatorError('not-found', `The cluster has not published a kubeconfig yet: ${cluster}`, {
    remedy: 'If the first master is still booting, wait for it.',
  });
};

/**
 * Merges a cluster into a kubeconfig file without switching its
 * current context; returns the context's name (kube-up's).
 */
export const mergeKubeconfig = async (session: Session, cluster: string, file: string): Promise<string> => {
  const text = await readKubeconfig(session, cluster);
  const context = `${session.world.cloud.project}_${cluster}`;
  changeKubeconfigFile(file, (own) => mergeEntries(own, text, context, false));
  return context;
};

/** Removes a cluster from a kubeconfig file, if present. */
export const unmergeKubeconfig = (session: Session, cluster: string, file: string): void => {
  const context = `${session.world.cloud.project}_${cluster}`;
  removeFromKubeconfigFile(file, context);
};

/** What pasted kube-down variables mean, given the existing resources. */
export const kubeDownPlan = async (session: Session, asked: KubeDown): Promise<KubeDownDecision> =>
  decideKubeDown(
    asked,
    (await readStatus(session.world)).find((c) => c.name === asked.cluster),
  );

/**
 * Runs the whole article on the emulator and reports each step as it
 * begins. Returns the steps; if one failed, it is the last.
 */
export const playArticle = (
  session: Session,
  begins: (title: string) => void,
  cancel: AbortSignal,
): Promise<ArticleStep[]> => new Article(session, { cancel, begins, ends: () => undefined }).run();

/** A cluster in the form of the article's exports. */
export const exportsOf = async (session: Session, cluster: string): Promise<string> => {
  const x = await readExisting(session.world, cluster);
  return `${kubeUpLines(x.cluster, mastersOf(x.has)).join('\n')}\n`;
};

/** Zones that are up, in alphabetical order. */
export const upZones = async (session: Session): Promise<string[]> =>
  (await session.world.cloud.compute.list('zones'))
    .filter((z) => z.status === 'UP')
    .map((z) => z.name)
    .sort();

/** Starts the emulator of the state folder, or finds the running one. */
export const emulator = (folder: string, timeScale: number): Promise<RunningEmulator> =>
  startEmulator({ program: join(import.meta.dirname, 'emulator.js'), stateFolder: folder, timeScale });

export { verbNamed };
export { sourceOf } from './source.ts';
/** Resets the emulator of the state folder and closes its runs; false if none runs. */
export const resetAndCloseRuns = async (folder: string): Promise<boolean> => {
  const id = await emptyEmulator(folder);
  if (id === undefined) return false;
  closeRuns(fileJournals(folder), wallClock, (r) => r.cloud === emulatorCloud(id));
  return true;
};

export { stopEmulator };
