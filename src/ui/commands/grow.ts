import * as vscode from 'vscode';
import { checkNodes } from '../../model/cluster.ts';
import { checkName } from '../../model/names.ts';
import type { App } from '../app.ts';
import { t } from '../localised.ts';
import { problemWith } from '../prompts/problem.ts';
import { settings } from '../settings.ts';
import { pickFound, pickMaster, pickZone, zonesOf } from './found.ts';
import { targetOf, type On } from './pick.ts';
import { carryOut } from './verb.ts';

/** Replicate Master to Zone…: on a zone there is nothing further to ask but the plan. */
export const replicateMaster = async (app: App, on: On): Promise<void> => {
  const c = await pickFound(app, on);
  const zone = c && (await pickZone(app, on, c, t('Replicate the master of {0} to which zone?', c.name)));
  if (c === undefined || zone === undefined) return;
  const title = t('Replicate master of {0} to {1}', c.name, zone);
  await carryOut(app, { do: 'replicate', wish: { cluster: c.name, zone } }, { title, yes: { button: t('Replicate') } });
};

/** Make Highly Available…: one master becomes three, in three zones, by one plan. */
export const makeHighlyAvailable = async (app: App, on: On): Promise<void> => {
  const c = await pickFound(app, on);
  if (c === undefined) return;
  const taken = c.masters.map((m) => m.zone);
  const free = zonesOf(app, c).filter((z) => !taken.includes(z));
  const items = free.map((label, i) => ({ label, picked: i < 2 }));
  const title = t('Two more masters for {0}: in which zones?', c.name);
  const chosen = await vscode.window.showQuickPick(items, { title, canPickMany: true, ignoreFocusOut: true });
  if (chosen === undefined || chosen.length === 0) return;
  const zones = chosen.map((i) => i.label);
  const manner = { title: t('Make {0} highly available', c.name), yes: { button: t('Replicate') } };
  await carryOut(app, { do: 'make-ha', wish: { cluster: c.name, zones } }, manner);
};

/** Remove Master…: out of the load balancer first, out of etcd, then the machine. */
export const removeMaster = async (app: App, on: On): Promise<void> => {
  const wish = await pickMaster(app, on, t('Remove which master?'));
  if (wish === undefined) return;
  const title = t('Remove master {0} of {1}', wish.name, wish.cluster);
  await carryOut(app, { do: 'master-remove', wish }, { title, yes: { typed: wish.name } });
};

/** Add Node Pool to Zone… */
export const addPool = async (app: App, on: On): Promise<void> => {
  const c = await pickFound(app, on);
  const zone = c && (await pickZone(app, on, c, t('A node pool of {0} in which zone?', c.name)));
  if (c === undefined || zone === undefined) return;
  const nodes = await askNodes(t('Nodes of the pool in {0}', zone), settings().nodes);
  if (nodes === undefined) return;
  const manner = { title: t('Add node pool to {0} in {1}', c.name, zone), yes: { button: t('Add') } };
  await carryOut(app, { do: 'pool-add', wish: { cluster: c.name, zone, nodes } }, manner);
};

/** Resize Node Pool… */
export const resizePool = async (app: App, on: On): Promise<void> => {
  const found = await pickPool(app, on);
  if (found === undefined) return;
  const { cluster: name, zone, pool, size } = found;
  const nodes = await askNodes(t('Nodes of {0}, now {1}', pool, size), size);
  if (nodes === undefined) return;
  const manner = { title: t('Resize node pool of {0} in {1} to {2}', name, zone, nodes), yes: { button: t('Resize') } };
  await carryOut(app, { do: 'pool-resize', wish: { cluster: name, zone, pool, nodes } }, manner);
};

/** Remove Node Pool…: its nodes are drained first. */
export const removePool = async (app: App, on: On): Promise<void> => {
  const found = await pickPool(app, on);
  if (found === undefined) return;
  const { cluster: name, zone, pool } = found;
  const title = t('Remove node pool {0} of {1} in {2}', pool, name, zone);
  await carryOut(app, { do: 'pool-remove', wish: { cluster: name, zone, pool } }, { title, yes: { typed: pool } });
};

interface FoundPool {
  readonly cluster: string;
  readonly zone: string;
  /** Its own name, without the cluster's. */
  readonly pool: string;
  readonly size: number;
}

const pickPool = async (app: App, on: On): Promise<FoundPool | undefined> => {
  const c = await pickFound(app, on);
  if (c === undefined) return undefined;
  const prefix = `${c.name}-minion-`;
  const pools = c.pools.map((p) => ({ label: p.name, description: p.zone, p }));
  const { name, zone } = targetOf(on);
  const named = pools.find(({ p }) => p.name === name && p.zone === zone);
  const { p } = named ?? (await vscode.window.showQuickPick(pools, { title: t('Which node pool?') })) ?? {};
  if (p === undefined) return undefined;
  const pool = checkName('Pool', p.name.startsWith(prefix) ? p.name.slice(prefix.length) : p.name);
  return { cluster: c.name, zone: p.zone, pool, size: p.size };
};

const askNodes = async (title: string, now: number): Promise<number | undefined> => {
  const wanted = (typed: string): number => (/^\d{1,9}$/.test(typed) ? Number(typed) : NaN);
  const typed = await vscode.window.showInputBox({
    title,
    prompt: t('Number of nodes, 0 to 1000'),
    value: String(now),
    ignoreFocusOut: true,
    validateInput: (value) => problemWith(() => checkNodes(wanted(value.trim()))),
  });
  return typed === undefined ? undefined : wanted(typed.trim());
};
