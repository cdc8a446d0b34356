import * as vscode from 'vscode';
import { message } from '../../lib/message.ts';
import type { Palette, Target, Verb } from '../../verbs/verb.ts';
import type { App } from '../app.ts';
import { t, told } from '../localised.ts';
import type { ObservedCluster } from '../snapshot.ts';
import { askNodes, pickFound, pickMaster, pickNode, pickPool, pickZone, pickZones } from './found.ts';
import type { On } from './pick.ts';
import { carryOut } from './verb.ts';

/** A request as far as it has been asked for. */
type Request = Readonly<Record<string, unknown>>;

/** A command of the palette that stands for a verb: asks for what it needs, then shows the plan. */
export const runOffered = async (app: App, on: On, command: string): Promise<void> => {
  const verb = (await app.desk()).offered(command);
  if (verb?.palette === undefined) return;
  const c = await pickFound(app, on);
  const about = c && (await pickTarget(app, on, c, verb.target));
  const way = about && (await askWay(app, c, about, verb.palette));
  const request = way && (await askSize(way, verb.palette));
  if (request !== undefined) await carryOutVerb(app, verb, asked(verb, request));
};

/** A verb with all that is asked of it; `notes` are said beside its plan. */
export const carryOutVerb = async (
  app: App,
  verb: Verb,
  request: object,
  notes: readonly string[] = [],
): Promise<void> => {
  const typed = verb.typed?.(request);
  const yes = typed === undefined ? { button: told(message(verb.palette?.button ?? '')) } : { typed };
  await carryOut(app, { verb: verb.name, request }, { title: told(verb.title(request)), yes, notes });
};

// The size that a pool has now is no part of what is asked for.
const asked = (verb: Verb, request: Request): Request =>
  Object.fromEntries(Object.entries(request).filter(([key]) => key !== 'size' || 'size' in verb.options));

const pickTarget = async (app: App, on: On, c: ObservedCluster, target: Target): Promise<Request | undefined> => {
  const cluster = c.name;
  if (target.on === 'cluster') return { cluster };
  const question = told(message(target.question, cluster));
  switch (target.on) {
    case 'zone': {
      const zone = await pickZone(app, on, c, question);
      return zone === undefined ? undefined : { cluster, zone };
    }
    case 'zones': {
      const zones = await pickZones(app, c, question);
      return zones === undefined ? undefined : { cluster, zones };
    }
    case 'pool': {
      const pool = await pickPool(on, c, question);
      return pool && { cluster, ...pool };
    }
    case 'master':
    case 'node': {
      const name = await (target.on === 'master' ? pickMaster : pickNode)(on, c, question);
      return name === undefined ? undefined : { cluster, name };
    }
  }
};

const askWay = async (
  app: App,
  c: ObservedCluster,
  request: Request,
  { ways }: Palette,
): Promise<Request | undefined> => {
  if (ways === undefined) return request;
  const item = ({ label, detail }: typeof ways.here) => ({
    label: told(message(label)),
    detail: told(message(detail)),
  });
  const [here, elsewhere] = [item(ways.here), item(ways.elsewhere)];
  const title = told(message(ways.question, String(request.name)));
  const way = await vscode.window.showQuickPick([here, elsewhere], { title });
  if (way === undefined || way === here) return way && request;
  const zone = await pickZone(app, { target: { cluster: c.name } }, c, elsewhere.label);
  return zone === undefined ? undefined : { ...request, zone };
};

const askSize = async (request: Request, { nodes }: Palette): Promise<Request | undefined> => {
  if (nodes === undefined) return request;
  const { zone, pool, size } = request as { zone: string; pool?: string; size?: number };
  const title = told(message(nodes, pool ?? zone, size ?? ''));
  const wanted = await askNodes(title, size, t('Number of nodes, 0 to 1000'));
  return wanted === undefined ? undefined : { ...request, nodes: wanted };
};
