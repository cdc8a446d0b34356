import * as vscode from 'vscode';
import type { App } from './app.ts';
import { t } from './localised.ts';
import type { ObservedCluster } from './snapshot.ts';
import { runLabel } from './words.ts';

/** One item: the worst state of all clusters; spins during a run. Hidden until a view was shown. */
export const registerStatusBar = (app: App): void => {
  const bar = vscode.window.createStatusBarItem('trizone', vscode.StatusBarAlignment.Left, 10);
  bar.name = 'Trizone';
  bar.command = 'trizone.clusters.focus';
  app.context.subscriptions.push(
    bar,
    app.onDidChange(() => draw(app, bar)),
  );
};

const draw = (app: App, bar: vscode.StatusBarItem): void => {
  const running = app.runs.rows.find((r) => r.state === 'running' || r.state === 'elsewhere');
  const worst = (app.snapshot?.clusters ?? []).toSorted((a, b) => badness(b) - badness(a))[0];
  if (running !== undefined) {
    const done = running.steps.filter((s) => s.state === 'done' || s.state === 'same').length;
    const words = t('{0}: {1} of {2} steps', runLabel(t, running), done, running.steps.length);
    show(bar, `$(sync~spin) ${words}`, words);
  } else if (worst !== undefined) {
    const [up, all] = [healthy(worst), worst.masters.length];
    const icon = badness(worst) > 0 ? 'warning' : 'server-environment';
    const words =
      worst.unreachableSince !== undefined
        ? t('{0}: API unreachable', worst.name)
        : t('{0}: {1} of {2} masters serving', worst.name, up, all);
    show(bar, `$(${icon}) ${worst.name} ${up}/${all}`, words);
  } else bar.hide();
};

const show = (bar: vscode.StatusBarItem, text: string, words: string): void => {
  bar.text = text;
  bar.tooltip = words;
  bar.accessibilityInformation = { label: `Trizone, ${words}` };
  bar.show();
};

const healthy = (c: ObservedCluster): number => c.masters.filter((m) => m.backend === 'healthy').length;

// 0 is healthy; higher is more urgent.
const badness = (cluster: ObservedCluster): number =>
  (cluster.unreachableSince === undefined ? 0 : 100) + (healthy(cluster) < cluster.masters.length ? 10 : 0);
