import { shellWord } from '../../lib/shellWord.ts';
import * as vscode from 'vscode';
import { secret, writePersonFile } from '../../lib/personFile.ts';
import type { App } from '../app.ts';
import { checkTitle } from '../checkTitles.ts';
import { t } from '../localised.ts';
import { askForCluster } from '../prompts/createCluster.ts';
import { settings } from '../settings.ts';
import { withProgress } from './guard.ts';
import { pickCluster, type On } from './pick.ts';
import { carryOutVerb } from './offered.ts';

/** Create Cluster…: a series of prompts with Back, then the plan. */
export const askAndCreateCluster = async (app: App): Promise<void> => {
  const access = await app.cloudAccess();
  const session = await app.connect();
  const zones = await withProgress(t('Loading zones'), () => access.upZones(session));
  const project = session.world.cloud.project;
  const request = await askForCluster({ project, zones, cloud: session.world.cloud.label }, settings());
  if (request === undefined) return;
  await carryOutVerb(app, access.verbNamed('up'), request);
};

/** Validate: runs all checks and shows the evidence in the Status view and in a document. */
export const showValidation = async (app: App, on: On): Promise<void> => {
  const cluster = await pickCluster(app, on);
  if (cluster === undefined) return;
  const access = await app.cloudAccess();
  const session = await app.connect();
  const title = t('Validating {0}', cluster);
  const checks = await withProgress(title, (cancel) => access.validate(session, cluster, cancel));
  app.validated({ cluster, at: session.wall.now(), checks });
  const wrong = checks.filter((c) => !c.ok);
  const evidence = t('Show Evidence');
  const answer =
    wrong.length === 0
      ? await vscode.window.showInformationMessage(
          t('Cluster {0} is valid: {1} checks passed.', cluster, checks.length),
          evidence,
        )
      : await vscode.window.showErrorMessage(
          t('Cluster {0} is not valid: {1}', cluster, wrong.map((c) => checkTitle(t, c.id)).join(', ')),
          evidence,
        );
  if (answer !== evidence) return;
  const lines = checks.map((c) => `- ${c.ok ? '✓' : '✗'} **${checkTitle(t, c.id)}**: ${c.evidence}`);
  await app.documents.show(t('Validation of {0}', cluster), lines.join('\n'));
};

/** Get Kubeconfig…: into the user's own file without switching its context, or into a separate file. */
export const getKubeconfig = async (app: App, on: On): Promise<void> => {
  const cluster = await pickCluster(app, on);
  if (cluster === undefined) return;
  const access = await app.cloudAccess();
  const session = await app.connect();
  const file = settings().kubeconfigFile;
  const merge = { label: t('Merge into {0}', file), detail: t('The current context does not change.') };
  const save = { label: t('Save as a separate file…'), detail: t('Only you can read it.') };
  const choice = await vscode.window.showQuickPick([merge, save], { title: t('Kubeconfig for {0}', cluster) });
  if (choice === merge) {
    const context = await access.mergeKubeconfig(session, cluster, file);
    void vscode.window.showInformationMessage(t('To use it, run: kubectl --context {0} get nodes', context));
  }
  if (choice !== save) return;
  const to = await vscode.window.showSaveDialog({ title: choice.label, saveLabel: t('Save Kubeconfig') });
  if (to === undefined) return;
  const text = await access.readKubeconfig(session, cluster);
  writePersonFile('', to.fsPath, text, secret, 'Choose a file in a folder that you can write to.');
  void vscode.window.showInformationMessage(
    t('To use it, run: kubectl --kubeconfig {0} get nodes', shellWord(to.fsPath)),
  );
};

/** Find Leftovers: resources left by interrupted teardowns, with their cost. */
export const showLeftovers = async (app: App): Promise<void> => {
  const access = await app.cloudAccess();
  const session = await app.connect();
  const found = await withProgress(t('Looking for leftovers'), () => access.leftovers(session));
  const { label } = session.world.cloud;
  if (found.length === 0) {
    void vscode.window.showInformationMessage(t('No leftovers in {0}.', label));
    return;
  }
  const lines = found.map(
    (l) => `- ${l.kind} **${l.name}** (${l.where}) · ${l.whose}${l.billed ? ` · ${t('billed')}` : ''}`,
  );
  await app.documents.show(t('Leftovers in {0}', label), lines.join('\n'));
};

/** Open in Google Cloud Console. */
export const openConsole = async (app: App, on: On): Promise<void> => {
  const path = on?.target.console ?? `compute/instances?project=${app.snapshot?.project ?? settings().project}`;
  await vscode.env.openExternal(vscode.Uri.parse(`https://console.cloud.google.com/${path}`));
};

/** Copy Name: of the item, or of a cluster. */
export const copyName = async (app: App, on: On): Promise<void> => {
  const name = on?.target.name ?? (await pickCluster(app, on));
  if (name !== undefined) await vscode.env.clipboard.writeText(name);
};
