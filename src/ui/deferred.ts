/**
 * Code that activation does not need, in a separate bundle that is
 * loaded on first use: commands, status view, Cloud Explorer.
 */
import type { App } from './app.ts';
import { copyExports, runArticle } from './commands/article.ts';
import {
  chooseProject,
  copyEnvironment,
  resetEmulatorCommand,
  signIn,
  startEmulatorCommand,
  stopEmulatorCommand,
  useGoogle,
} from './commands/clouds.ts';
import {
  copyName,
  askAndCreateCluster,
  showLeftovers,
  getKubeconfig,
  openConsole,
  showValidation,
} from './commands/clusters.ts';
import { runOffered } from './commands/offered.ts';
import { runExports } from './commands/kubeUp.ts';
import type { On } from './commands/pick.ts';
import { applyWaitingPlan, dropPlan, openPlan } from './commands/plans.ts';
import {
  cancelRun,
  copyReport,
  askAndForgetRun,
  offerResume,
  resumeRun,
  showRunLog,
  undoRun,
} from './commands/runs.ts';

export { offerClusters } from './cloudExplorer.ts';
export { statusView } from './views/statusParts.ts';
export { offerResume };

type Command = (app: App, on: On) => Promise<void>;

/** Every command of package.json that is not a verb's, by its ID without the extension's prefix. */
export const paletteCommands: Readonly<Record<string, Command>> = {
  'cluster.create': askAndCreateCluster,
  'cluster.validate': showValidation,
  'cluster.kubeconfig': getKubeconfig,
  'cluster.leftovers': showLeftovers,
  'kubeUp.run': runExports,
  'kubeUp.export': copyExports,
  'article.run': runArticle,
  'emulator.start': startEmulatorCommand,
  'emulator.stop': stopEmulatorCommand,
  'emulator.reset': resetEmulatorCommand,
  'emulator.copyEnvironment': copyEnvironment,
  'google.signIn': signIn,
  'google.chooseProject': chooseProject,
  'google.use': useGoogle,
  refresh: (app) => app.observation.refresh(),
  'plan.apply': applyWaitingPlan,
  'plan.show': openPlan,
  'plan.discard': dropPlan,
  'run.cancel': cancelRun,
  'run.resume': resumeRun,
  'run.undo': undoRun,
  'run.forget': askAndForgetRun,
  'run.showLog': showRunLog,
  'run.copyReport': copyReport,
  copyName,
  openConsole,
  showLog: (app) => Promise.resolve(app.log.show()),
};

/** Runs a command: one of these, or the verb it stands for. */
export const runCommand = async (app: App, command: string, on: On): Promise<void> => {
  const known = Object.hasOwn(paletteCommands, command) ? paletteCommands[command] : undefined;
  await (known === undefined ? runOffered(app, on, command) : known(app, on));
};
