import * as vscode from 'vscode';
import type { App } from '../app.ts';
import type { ObservedCluster } from '../snapshot.ts';
import { pickCluster, targetOf, type On } from './pick.ts';

/** The cluster that a command acts on, as it was last seen; asked for where there are several. */
export const pickFound = async (app: App, on: On): Promise<ObservedCluster | undefined> => {
  const name = await pickCluster(app, on);
  return app.snapshot?.clusters.find((c) => c.name === name);
};

/** Zones of a cluster's region. */
export const zonesOf = (app: App, c: ObservedCluster): string[] =>
  app.zones.filter((z) => z.startsWith(`${c.region}-`));

/** The zone that a command acts on. */
export const pickZone = async (app: App, on: On, c: ObservedCluster, title: string): Promise<string | undefined> => {
  const { zone } = targetOf(on);
  if (zone !== undefined) return zone;
  return vscode.window.showQuickPick(zonesOf(app, c), { title });
};

/** The master that a command acts on. */
export const pickMaster = async (
  app: App,
  on: On,
  title: string,
): Promise<{ readonly cluster: string; readonly name: string } | undefined> => {
  const c = await pickFound(app, on);
  if (c === undefined) return undefined;
  const named = c.masters.find((m) => m.name === targetOf(on).name)?.name;
  const items = c.masters.map((m) => ({ label: m.name, description: m.zone }));
  const name = named ?? (await vscode.window.showQuickPick(items, { title }))?.label;
  return name === undefined ? undefined : { cluster: c.name, name };
};
