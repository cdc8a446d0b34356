import type { Cloud } from '../../cloud.ts';
import { regionNames, zoneNames } from '../../data/zones.ts';
import { type ApiCall, type Handler, scopeOf } from '../call.ts';
import { aggregatedAnswer, listAnswer } from '../lists.ts';
import { getOperation, operationsIn, longPollOperation } from '../operations.ts';
import { linkOf, partsOf, readLink, scopeKey } from '../paths.ts';

const list = (cloud: Cloud, call: ApiCall): unknown => {
  const scope = scopeKey(scopeOf(call));
  return listAnswer(
    'compute#operationList',
    linkOf(cloud.project, `${scope}/operations`),
    operationsIn(cloud, scope),
    call.query,
  );
};

const aggregated = (cloud: Cloud, call: ApiCall): unknown => {
  const items = operationsIn(cloud).map((item) => ({
    scope: scopeKey(partsOf(readLink(cloud.project, item.selfLink)?.path ?? '').scope),
    item,
  }));
  const scopes = ['global', ...regionNames.map((r) => `regions/${r}`), ...zoneNames.map((z) => `zones/${z}`)];
  const link = linkOf(cloud.project, 'aggregated/operations');
  return aggregatedAnswer('compute#operationAggregatedList', link, 'operations', scopes, items, call.query);
};

/** Operations of the three scopes. */
export const operationMethods: readonly [string, Handler][] = [
  ...['ZoneOperations', 'RegionOperations', 'GlobalOperations'].flatMap((service): [string, Handler][] => [
    [`${service}.Get`, getOperation],
    [`${service}.List`, list],
    [`${service}.Wait`, longPollOperation],
  ]),
  ['GlobalOperations.AggregatedList', aggregated],
];
