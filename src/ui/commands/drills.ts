import * as vscode from 'vscode';
import type { App } from '../app.ts';
import { t } from '../localised.ts';
import { pickFound, pickMaster, pickZone } from './found.ts';
import { pickCluster, type On } from './pick.ts';
import { carryOut } from './verb.ts';

/** Halt Master (Drill)…: off, watched, and on again. */
export const haltMaster = async (app: App, on: On): Promise<void> => {
  const wish = await pickMaster(app, on, t('Halt which master?'));
  if (wish === undefined) return;
  const title = t('Halt master {0} of {1} as a drill', wish.name, wish.cluster);
  await carryOut(app, { do: 'drill-halt', wish }, { title, yes: { button: t('Halt') } });
};

/** Start Master: one that is off votes and serves again. */
export const startMaster = async (app: App, on: On): Promise<void> => {
  const wish = await pickMaster(app, on, t('Start which master?'));
  if (wish === undefined) return;
  const title = t('Start master {0} of {1}', wish.name, wish.cluster);
  await carryOut(app, { do: 'master-start', wish }, { title, yes: { button: t('Start') } });
};

/** Repair Master…: where it is, or by another one in another zone. */
export const repairMaster = async (app: App, on: On): Promise<void> => {
  const wish = await pickMaster(app, on, t('Repair which master?'));
  const c = wish && (await pickFound(app, { target: wish }));
  if (wish === undefined || c === undefined) return;
  const here = {
    label: t('Repair It Where It Is'),
    detail: t('Started, restarted, or made again on its disk and address; replaced where the disk is gone.'),
  };
  const elsewhere = {
    label: t('Replace It in Another Zone…'),
    detail: t('It goes for good, and another master joins.'),
  };
  const way = await vscode.window.showQuickPick([here, elsewhere], {
    title: t('How shall {0} be repaired?', wish.name),
  });
  if (way === undefined) return;
  const zone = way === here ? undefined : await pickZone(app, { target: { cluster: c.name } }, c, elsewhere.label);
  if (way === elsewhere && zone === undefined) return;
  const title = t('Repair master {0} of {1}', wish.name, wish.cluster);
  await carryOut(app, { do: 'master-repair', wish: { ...wish, zone } }, { title, yes: { button: t('Repair') } });
};

/** Smoke Test: nginx from every zone. */
export const smokeTest = async (app: App, on: On): Promise<void> => {
  const cluster = await pickCluster(app, on);
  if (cluster === undefined) return;
  await carryOut(app, { do: 'smoke', cluster }, { title: t('Smoke test of {0}', cluster), yes: { button: t('Run') } });
};

/** Protect Cluster: drills, removals and tear down are refused from now on. */
export const protectCluster = (app: App, on: On): Promise<void> => setProtection(app, on, true);

/** Unprotect Cluster. */
export const unprotectCluster = (app: App, on: On): Promise<void> => setProtection(app, on, false);

const setProtection = async (app: App, target: On, on: boolean): Promise<void> => {
  const cluster = await pickCluster(app, target);
  if (cluster === undefined) return;
  const title = on ? t('Protect {0}', cluster) : t('End the protection of {0}', cluster);
  const button = on ? t('Protect') : t('Unprotect');
  await carryOut(app, { do: 'protect', cluster, on }, { title, yes: { button } });
};
