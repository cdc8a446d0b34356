import * as vscode from 'vscode';
import { message } from '../../lib/message.ts';
import type { Palette, VerbTarget, Verb } from '../../verbs/verb.ts';
import type { App } from '../app.ts';
import { t } from '../localised.ts';
import { translated } from '../translate.ts';
import type { ObservedCluster } from '../snapshot.ts';
import { askNodes, pickFound, pickMaster, pickNode, pickPool, pickZone, pickZones } from './found.ts';
import { pickCluster, type On } from './pick.ts';
import { carryOut } from './verb.ts';

/** The request as far as it is known; `size` is the current size of its pool. */
interface About {
  readonly request: Readonly<Record<string, unknown>>;
  readonly size?: number;
}

const inLanguage = (text: string, ...names: (string | number)[]): string => translated(t, message(text, ...names));

/** Runs a palette command that stands for a verb: prompts for missing values, then shows the plan. */
export const runOffered = async (app: App, on: On, command: string): Promise<void> => {
  const verb = (await app.cloudAccess()).offered(command);
  if (verb?.palette === undefined) return;
  const about = await pickTarget(app, on, verb);
  const request = about && (await askSize(about, verb.palette));
  if (request !== undefined) await carryOutVerb(app, verb, request);
};

/** Carries out a verb with a complete request; `notes` are shown with its plan. */
export const carryOutVerb = async (
  app: App,
  verb: Verb,
  request: object,
  notes: readonly string[] = [],
): Promise<void> => {
  const typed = verb.typed?.(request);
  const yes = typed === undefined ? { button: inLanguage(verb.palette?.button ?? '') } : { typed };
  await carryOut(app, { verb: verb.name, request }, { title: translated(t, verb.title(request)), yes, notes });
};

const pickTarget = async (app: App, on: On, { target, palette }: Verb): Promise<About | undefined> => {
  if (target.on === 'cluster') {
    const cluster = await pickCluster(app, on);
    return cluster === undefined ? undefined : { request: { cluster } };
  }
  const c = await pickFound(app, on);
  const about = c && (await pickWithin(app, on, c, target));
  return about && askWay(app, c, about, palette?.ways);
};

const pickWithin = async (
  app: App,
  on: On,
  observed: ObservedCluster,
  target: Exclude<VerbTarget, { on: 'cluster' }>,
): Promise<About | undefined> => {
  const cluster = observed.name;
  const question = inLanguage(target.question, cluster);
  switch (target.on) {
    case 'zone': {
      const zone = await pickZone(app, on, observed, question);
      return zone === undefined ? undefined : { request: { cluster, zone } };
    }
    case 'zones': {
      const zones = await pickZones(app, observed, question);
      return zones === undefined ? undefined : { request: { cluster, zones } };
    }
    case 'pool': {
      const { size, ...pool } = (await pickPool(on, observed, question)) ?? {};
      return size === undefined ? undefined : { request: { cluster, ...pool }, size };
    }
    case 'master':
    case 'node': {
      const name = await (target.on === 'master' ? pickMaster : pickNode)(on, observed, question);
      return name === undefined ? undefined : { request: { cluster, name } };
    }
  }
};

const askWay = async (
  app: App,
  cluster: ObservedCluster,
  about: About,
  ways: Palette['ways'],
): Promise<About | undefined> => {
  if (ways === undefined) return about;
  const item = ({ label, detail }: typeof ways.here) => ({ label: inLanguage(label), detail: inLanguage(detail) });
  const [here, elsewhere] = [item(ways.here), item(ways.elsewhere)];
  const title = inLanguage(ways.question, String(about.request.name));
  const way = await vscode.window.showQuickPick([here, elsewhere], { title });
  if (way === undefined || way === here) return way && about;
  const zone = await pickZone(app, { target: { cluster: cluster.name } }, cluster, elsewhere.label);
  return zone === undefined ? undefined : { request: { ...about.request, zone } };
};

const askSize = async ({ request, size }: About, { nodes }: Palette): Promise<About['request'] | undefined> => {
  if (nodes === undefined) return request;
  const title = inLanguage(nodes, String(request.pool ?? request.zone), size ?? '');
  const wanted = await askNodes(title, size, t('Number of nodes, 0 to 1000'));
  return wanted === undefined ? undefined : { ...request, nodes: wanted };
};
