import * as vscode from 'vscode';
import { wallClock } from '../../lib/clock.ts';
import { systemIds } from '../../lib/ids.ts';
import type { App } from '../app.ts';
import { t } from '../localised.ts';
import { settings } from '../settings.ts';
import { StatusView } from './status.ts';
import { statusModel, type StatusInput } from './statusModel.ts';

/** The status view of one window, drawn from the app. */
export const statusView = (app: App): StatusView => {
  const dist = vscode.Uri.joinPath(app.context.extensionUri, 'dist');
  return new StatusView({
    source: {
      onDidChange: app.onDidChange,
      get model() {
        return statusModel(statusInput(app));
      },
    },
    watch: (visible) => app.watch('status', visible),
    dist,
    script: vscode.Uri.joinPath(dist, 'status.js'),
    style: vscode.Uri.joinPath(dist, 'status.css'),
    language: vscode.env.language,
    ids: systemIds,
    execute: (command, target) => void vscode.commands.executeCommand(command, { target }),
    refused: (text) => app.log.warn(`Status view: ${text}`),
  });
};

const statusInput = (app: App): StatusInput => ({
  t,
  locale: vscode.env.language,
  now: wallClock.now(),
  snapshot: app.snapshot,
  runs: app.runs.rows.filter((r) => r.state !== 'planned'),
  validations: [...app.validations.values()],
  zonesOf: (region) => app.zones.filter((z) => z.startsWith(`${region}-`)),
  emulator: settings().cloud === 'emulator' ? { timeScale: settings().timeScale } : undefined,
  trusted: vscode.workspace.isTrusted,
});
