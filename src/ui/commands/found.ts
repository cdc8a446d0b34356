import * as vscode from 'vscode';
import { checkNodes } from '../../model/cluster.ts';
import { names, poolOfGroup } from '../../model/names.ts';
import type { App } from '../app.ts';
import { problemWith } from '../prompts/problem.ts';
import { settings } from '../settings.ts';
import type { ObservedCluster } from '../snapshot.ts';
import { pickCluster, targetOf, type On } from './pick.ts';

/** The cluster that a command acts on, as last observed; prompts if there are several. */
export const pickFound = async (app: App, on: On): Promise<ObservedCluster | undefined> => {
  const name = await pickCluster(app, on);
  return app.snapshot?.clusters.find((c) => c.name === name);
};

/** Zones of a cluster's region. */
export const zonesOfCluster = (app: App, cluster: ObservedCluster): string[] =>
  app.zones.filter((z) => z.startsWith(`${cluster.region}-`));

/** The zone that a command acts on. */
export const pickZone = async (
  app: App,
  on: On,
  cluster: ObservedCluster,
  title: string,
): Promise<string | undefined> => {
  const { zone } = targetOf(on);
  if (zone !== undefined) return zone;
  return vscode.window.showQuickPick(zonesOfCluster(app, cluster), { title });
};

/** Zones for additional masters: proposes two that have none. */
export const pickZones = async (app: App, cluster: ObservedCluster, title: string): Promise<string[] | undefined> => {
  const taken = cluster.masters.map((m) => m.zone);
  const free = zonesOfCluster(app, cluster).filter((z) => !taken.includes(z));
  const items = free.map((label, i) => ({ label, picked: i < 2 }));
  const chosen = await vscode.window.showQuickPick(items, { title, canPickMany: true, ignoreFocusOut: true });
  return chosen === undefined || chosen.length === 0 ? undefined : chosen.map((i) => i.label);
};

interface Named {
  readonly name: string;
  readonly zone: string;
}

const pickNamed = async <T extends Named>(on: On, from: readonly T[], title: string): Promise<T | undefined> => {
  const { name, zone } = targetOf(on);
  const named = from.find((x) => x.name === name && (zone === undefined || x.zone === zone));
  if (named !== undefined) return named;
  const items = from.map((x) => ({ label: x.name, description: x.zone, x }));
  return (await vscode.window.showQuickPick(items, { title }))?.x;
};

/** The master that a command acts on. */
export const pickMaster = async (on: On, cluster: ObservedCluster, title: string): Promise<string | undefined> =>
  (await pickNamed(on, cluster.masters, title))?.name;

/** The node that a command acts on. */
export const pickNode = async (on: On, cluster: ObservedCluster, title: string): Promise<string | undefined> =>
  (
    await pickNamed(
      on,
      cluster.pools.flatMap((p) => p.nodes.map(({ name }) => ({ name, zone: p.zone }))),
      title,
    )
  )?.name;

/** The pool that a command acts on, by its own name without the cluster's, and its size. */
export const pickPool = async (
  on: On,
  cluster: ObservedCluster,
  title: string,
): Promise<{ readonly zone: string; readonly pool: string; readonly size: number } | undefined> => {
  const found = await pickNamed(on, cluster.pools, title);
  return found && { zone: found.zone, pool: poolOfGroup(names(cluster.name), found.name), size: found.size };
};

/** Prompts for a number of nodes; proposes `now` or the setting's value. */
export const askNodes = async (title: string, now: number | undefined, prompt: string): Promise<number | undefined> => {
  const wanted = (typed: string): number => (/^\d{1,9}$/.test(typed) ? Number(typed) : NaN);
  const typed = await vscode.window.showInputBox({
    ...{ title, prompt, value: String(now ?? settings().nodes), ignoreFocusOut: true },
    validateInput: (value) => problemWith(() => checkNodes(wanted(value.trim()))),
  });
  return typed === undefined ? undefined : wanted(typed.trim());
};
