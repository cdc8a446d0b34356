/**
 * What an activation does not need, in a bundle of its own that is loaded at the first use: commands, status view, Cloud
 * Explorer.
 */
import type { App } from './app.ts';
import { copyExports, runArticle } from './commands/article.ts';
import {
  chooseProject,
  copyEnvironment,
  resetEmulator,
  signIn,
  startEmulator,
  stopEmulator,
  useGoogle,
} from './commands/clouds.ts';
import {
  copyName,
  createCluster,
  findLeftovers,
  getKubeconfig,
  openConsole,
  tearDown,
  validate,
} from './commands/clusters.ts';
import {
  addPool,
  makeHighlyAvailable,
  removeMaster,
  removePool,
  replicateMaster,
  resizePool,
} from './commands/grow.ts';
import {
  haltMaster,
  protectCluster,
  repairMaster,
  smokeTest,
  startMaster,
  unprotectCluster,
} from './commands/drills.ts';
import { runExports } from './commands/kubeUp.ts';
import type { On } from './commands/pick.ts';
import { applyPlan, dropPlan, openPlan } from './commands/plans.ts';
import { cancelRun, copyReport, forgetRun, offerResume, resumeRun, showRunLog, undoRun } from './commands/runs.ts';

export { offerClusters } from './cloudExplorer.ts';
export { statusView } from './views/statusParts.ts';
export { offerResume };

type Command = (app: App, on: On) => Promise<void>;

/** Every command of package.json, by its id without the extension's own; a test compares the two. */
export const commands: Readonly<Record<string, Command>> = {
  'cluster.create': createCluster,
  'cluster.tearDown': tearDown,
  'cluster.validate': validate,
  'cluster.kubeconfig': getKubeconfig,
  'cluster.leftovers': findLeftovers,
  'master.replicate': replicateMaster,
  'cluster.makeHighlyAvailable': makeHighlyAvailable,
  'master.remove': removeMaster,
  'master.halt': haltMaster,
  'master.start': startMaster,
  'master.repair': repairMaster,
  'cluster.smokeTest': smokeTest,
  'cluster.protect': protectCluster,
  'cluster.unprotect': unprotectCluster,
  'pool.add': addPool,
  'pool.resize': resizePool,
  'pool.remove': removePool,
  'kubeUp.run': runExports,
  'kubeUp.export': copyExports,
  'article.run': runArticle,
  'emulator.start': startEmulator,
  'emulator.stop': stopEmulator,
  'emulator.reset': resetEmulator,
  'emulator.copyEnvironment': copyEnvironment,
  'google.signIn': signIn,
  'google.chooseProject': chooseProject,
  'google.use': useGoogle,
  refresh: (app) => app.observation.refresh(),
  'plan.apply': applyPlan,
  'plan.show': openPlan,
  'plan.discard': dropPlan,
  'run.cancel': cancelRun,
  'run.resume': resumeRun,
  'run.undo': undoRun,
  'run.forget': forgetRun,
  'run.showLog': showRunLog,
  'run.copyReport': copyReport,
  copyName,
  openConsole,
  showLog: (app) => Promise.resolve(app.log.show()),
};
