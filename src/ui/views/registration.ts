import * as vscode from 'vscode';
import { wallClock } from '../../lib/clock.ts';
import type { App } from '../app.ts';
import { t } from '../localised.ts';
import { settings } from '../settings.ts';
import type { Snapshot } from '../snapshot.ts';
import { clockTime, type Speaker } from '../words.ts';
import { activityItems } from './activityItems.ts';
import { clusterItems } from './clusterItems.ts';
import { item, type Item } from './item.ts';
import { ItemTree } from './tree.ts';

/** Views of one window: drawn from the app, which tracks their visibility. */
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
        if (visible) void offerResume(app);
      }),
    );
  }
  app.context.subscriptions.push(
    app.onDidChange(() => draw(app, views)),
    vscode.window.registerWebviewViewProvider('trizone.status', {
      resolveWebviewView: async (view) => (await import('../deferred.ts')).statusView(app).resolveWebviewView(view),
    }),
  );
  return views;
};

const offerResume = async (app: App): Promise<void> => (await import('../deferred.ts')).offerResume(app);

const speaker = (): Speaker => ({ t, locale: vscode.env.language, now: wallClock.now() });

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

// Selects the welcome text of the empty tree.
const welcomeOf = (snapshot: Snapshot | undefined): string => {
  if (snapshot === undefined) return '';
  if (isStopped(snapshot)) return 'emulatorStopped';
  if (snapshot.problem?.code === 'no-cloud') return 'signIn';
  return snapshot.problem === undefined && snapshot.fresh && snapshot.clusters.length === 0 ? 'empty' : '';
};

const messageOf = (snapshot: Snapshot | undefined): string | undefined => {
  if (
    snapshot === undefined ||
    isStopped(snapshot) ||
    snapshot.problem?.code === 'no-cloud' ||
    snapshot.clusters.length === 0
  )
    return undefined;
  return snapshot.fresh && snapshot.problem === undefined
    ? undefined
    : t('Last known state, as of {0}', clockTime(speaker(), snapshot.at));
};

const clusterRows = (app: App): Item[] => {
  const { snapshot } = app;
  if (snapshot === undefined || isStopped(snapshot) || snapshot.problem?.code === 'no-cloud') return [];
  const { problem } = snapshot;
  const trouble =
    problem === undefined
      ? []
      : [problem.message, ...(problem.remedy ? [problem.remedy] : [])].map((text, index) =>
          item({
            id: `problem/${index}`,
            label: text,
            tooltip: text,
            icon: index === 0 ? 'warning' : 'lightbulb',
            ...(index === 0 ? { color: 'list.warningForeground' } : {}),
            target: { name: text },
          }),
        );
  return [...trouble, ...clusterItems(snapshot, app.zones, speaker())];
};
