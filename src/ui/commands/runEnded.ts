import { translated } from '../translate.ts';
import * as vscode from 'vscode';
import type { App } from '../app.ts';
import type { AppliedRun, Planned } from '../cloudAccess.ts';
import { t } from '../localised.ts';
import type { RunRow } from '../runRow.ts';
import { settings } from '../settings.ts';
import { showError } from './guard.ts';

/** The single notification of a run: its result, the existing resources, and the possible actions. */
export const runEnded = async (app: App, planned: Planned, title: string, result: AppliedRun): Promise<void> => {
  const { verb, cluster, adds } = planned.prepared;
  if (result.error === undefined && verb === 'down') await forgetCluster(app, planned);
  const row = app.runs.get(result.run);
  const [showLog, resume, undo, kubeconfig] = [t('Show Log'), t('Resume'), t('Undo'), t('Get Kubeconfig…')];
  const showReport = t('Show Report');
  const on = adds ? [resume, undo, showLog] : [resume, showLog];
  const answer =
    result.state === 'failed'
      ? await showError(app, result.error, ...on)
      : result.state === 'cancelled'
        ? await vscode.window.showWarningMessage(cancelledText(title, row), ...on)
        : await vscode.window.showInformationMessage(
            [doneText(app, title, verb, cluster), ...requestsLost(result)].join(' '),
            ...(verb === 'up' ? [kubeconfig] : []),
            ...(planned.prepared.report === undefined ? [] : [showReport]),
            showLog,
          );
  const target = { run: result.run, cluster };
  if (answer === showReport) {
    const { report } = planned.prepared;
    await app.documents.show(title, report?.(result.probed, planned.json.cloud) ?? '');
  } else if (answer === showLog) app.logs.show(result.run);
  else if (answer === resume) await vscode.commands.executeCommand('trizone.run.resume', { target });
  else if (answer === undo) await vscode.commands.executeCommand('trizone.run.undo', { target });
  else if (answer === kubeconfig) await vscode.commands.executeCommand('trizone.cluster.kubeconfig', { target });
};

// The verb promises that no request fails.
const requestsLost = ({ probed }: AppliedRun): string[] => {
  if (probed === undefined) return [];
  const sent = probed.reads.sent + probed.writes.sent;
  return [t('API during the run: {0} of {1} requests failed.', probed.reads.failed + probed.writes.failed, sent)];
};

const doneText = (app: App, title: string, verb: string, cluster: string): string => {
  if (verb === 'down') return t('{0}: done. Nothing is left.', title);
  const endpoint = app.snapshot?.clusters.find((c) => c.name === cluster)?.endpoint;
  return verb === 'up' && endpoint !== undefined ? t('{0}: done. {1}', title, endpoint) : t('{0}: done.', title);
};

// After a cancellation the user must know which resources exist and cost money.
const cancelledText = (title: string, row: RunRow | undefined): string => {
  const made = row?.steps.filter((s) => s.state === 'done') ?? [];
  if (made.length === 0) return t('{0}: cancelled before anything was created.', title);
  const some = made.slice(-3).map((s) => translated(t, s.title));
  return t(
    '{0}: cancelled after {1} of {2} steps. The resources they created still exist. Last steps: {3}.',
    title,
    made.length,
    row?.steps.length ?? 0,
    some.join(', '),
  );
};

// As kube-down did: removes the kubeconfig entry of a deleted cluster.
const forgetCluster = async (app: App, { session, prepared: { cluster } }: Planned): Promise<void> => {
  const access = await app.cloudAccess();
  app.validations.delete(cluster);
  access.unmergeKubeconfig(session, cluster, settings().kubeconfigFile);
};
