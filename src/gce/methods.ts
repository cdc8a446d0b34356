import type { Actions } from './kind.ts';
import { isOwnKind, kinds, type Kind } from './kinds.ts';

/** Methods that belong to no kind's row: `client.method`. */
const single = [
  'images.getFromFamily',
  'instanceGroups.listInstances',
  'instanceGroupManagers.listManagedInstances',
  'regionBackendServices.getHealth',
  'instances.getSerialPortOutput',
  'instances.getGuestAttributes',
  'zoneOperations.wait',
  'regionOperations.wait',
  'globalOperations.wait',
];

const methodsOf = (kind: Kind): string[] => {
  const row = kinds[kind];
  const list = row.aggregated === undefined ? `${row.client}.list` : `${row.aggregated}.aggregatedList`;
  return [
    `${row.client}.get`,
    ...(kind === 'projects' ? [] : [list]),
    ...(isOwnKind(kind) ? [`${row.client}.insert`] : []),
    ...('goesAfter' in row ? [`${row.client}.delete`] : []),
    ...(Object.keys(row.actions ?? {}) as (keyof Actions)[]).map((action) => `${row.client}.${action}`),
  ];
};

/** Every library method that the program calls, as `client.method`: the contents of the trimmed bundle. */
export const calledMethods = (): string[] => {
  const ofLibrary = (Object.keys(kinds) as Kind[]).filter((kind) => kinds[kind].client !== 'httpHealthChecks');
  return [...new Set([...ofLibrary.flatMap(methodsOf), ...single])].sort();
};
