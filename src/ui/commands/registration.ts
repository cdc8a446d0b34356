import * as vscode from 'vscode';
import type { App } from '../app.ts';
import {
  chooseProject,
  copyEnvironment,
  resetEmulator,
  signIn,
  startEmulator,
  stopEmulator,
  useGoogle,
} from './clouds.ts';
import { copyName, createCluster, findLeftovers, getKubeconfig, openConsole, tearDown, validate } from './clusters.ts';
import { addPool, makeHighlyAvailable, removeMaster, removePool, replicateMaster, resizePool } from './grow.ts';
import { guard } from './guard.ts';
import { runExports } from './kubeUp.ts';
import type { On } from './pick.ts';
import { applyPlan, dropPlan, openPlan } from './plans.ts';
import { cancelRun, copyReport, resumeRun, showRunLog, undoRun } from './runs.ts';

type Command = (app: App, on: On) => Promise<void>;

/** Every command of package.json, by its id without the extension's own; a test compares the two. */
const commands: Readonly<Record<string, Command>> = {
  'cluster.create': createCluster,
  'cluster.tearDown': tearDown,
  'cluster.validate': validate,
  'cluster.kubeconfig': getKubeconfig,
  'cluster.leftovers': findLeftovers,
  'master.replicate': replicateMaster,
  'cluster.makeHighlyAvailable': makeHighlyAvailable,
  'master.remove': removeMaster,
  'pool.add': addPool,
  'pool.resize': resizePool,
  'pool.remove': removePool,
  'kubeUp.run': runExports,
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
  'run.showLog': showRunLog,
  'run.copyReport': copyReport,
  copyName,
  openConsole,
  showLog: (app) => Promise.resolve(app.log.show()),
};

/** Registers all commands; an error of any ends in one place. */
export const registerCommands = (app: App): void => {
  for (const [id, command] of Object.entries(commands)) {
    const run = (on: On): Promise<void> => guard(app, () => command(app, on));
    app.context.subscriptions.push(vscode.commands.registerCommand(`trizone.${id}`, run));
  }
};
