import * as vscode from 'vscode';
import { wallClock } from '../../lib/clock.ts';
import { systemIds } from '../../lib/ids.ts';
import type { App } from '../app.ts';
import { offerResume } from '../commands/runs.ts';
import { t } from '../localised.ts';
import { settings } from '../settings.ts';
import type { Snapshot } from '../snapshot.ts';
import { clockTime, type Speaker } from '../words.ts';
import { activityItems } from './activityItems.ts';
import { clusterItems } from './clusterItems.ts';
import { item, type Item } from './item.ts';
import { StatusView } from './status.ts';
import { statusModel, type StatusInput } from './statusModel.ts';
import { ItemTree } from './tree.ts';

/** Views of one window: drawn from the app, which is told which of them are visible. */
export interface Views {
  readonly clusters: ItemTree;
  readonly activity: ItemTree;
}

/** The three views of the container. */
export const registerViews = (app: App): Views => {
  const clusters = new ItemTree('trizone.clusters', () => clusterRows(app));
  const activity = new ItemTree('trizone.activity', () => activityItems(app.runs.rows, speaker()));
  const views = { clusters, activity };
  for (const [name, tree] of Object.entries(views)) {
    app.watch(name, tree.view.visible);
    app.context.subscriptions.push(
      tree,
      tree.view.onDidChangeVisibility(({ visible }) => {
        app.watch(name, visible);
        if (visible) offerResume(app);
      }),
    );
  }
  app.context.subscriptions.push(
    app.onDidChange(() => draw(app, views)),
    vscode.window.registerWebviewViewProvider('trizone.status', statusView(app)),
  );
  return views;
};

const statusView = (app: App): StatusView => {
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

const speaker = (): Speaker => ({ t, locale: vscode.env.language, now: wallClock.now() });

const statusInput = (app: App): StatusInput => ({
  ...speaker(),
  snapshot: app.snapshot,
  runs: app.runs.rows.filter((r) => r.state !== 'planned'),
  validations: [...app.validations.values()],
  zonesOf: (region) => app.zones.filter((z) => z.startsWith(`${region}-`)),
  emulator: settings().cloud === 'emulator' ? { timeScale: settings().timeScale } : undefined,
  trusted: vscode.workspace.isTrusted,
});

const draw = (app: App, { clusters, activity }: Views): void => {
  const { snapshot } = app;
  void vscode.commands.executeCommand('setContext', 'trizone.welcome', welcomeOf(snapshot));
  clusters.view.message = messageOf(snapshot);
  clusters.view.description = settings().cloud === 'emulator' ? t('emulator') : snapshot?.project;
  activity.view.description = settings().cloud === 'emulator' ? t('simulated time') : undefined;
  clusters.draw();
  activity.draw();
};

const isStopped = (s: Snapshot): boolean => s.problem?.code === 'emulator-stopped';

// Which of the welcome texts stands in the empty tree.
const welcomeOf = (s: Snapshot | undefined): string => {
  if (s === undefined) return '';
  if (isStopped(s)) return 'emulatorStopped';
  if (s.problem?.code === 'no-cloud') return 'signIn';
  return s.problem === undefined && s.fresh && s.clusters.length === 0 ? 'empty' : '';
};

const messageOf = (s: Snapshot | undefined): string | undefined => {
  if (s === undefined || isStopped(s) || s.problem?.code === 'no-cloud' || s.clusters.length === 0) return undefined;
  return s.fresh && s.problem === undefined ? undefined : t('Last known state, of {0}', clockTime(speaker(), s.at));
};

const clusterRows = (app: App): Item[] => {
  const { snapshot } = app;
  if (snapshot === undefined || isStopped(snapshot) || snapshot.problem?.code === 'no-cloud') return [];
  const { problem } = snapshot;
  const trouble =
    problem === undefined
      ? []
      : [problem.message, ...(problem.remedy ? [problem.remedy] : [])].map((text, i) =>
          item({
            id: `problem/${i}`,
            label: text,
            tooltip: text,
            icon: i === 0 ? 'warning' : 'lightbulb',
            ...(i === 0 ? { color: 'list.warningForeground' } : {}),
            target: { name: text },
          }),
        );
  return [...trouble, ...clusterItems(snapshot, app.zones, speaker())];
};
