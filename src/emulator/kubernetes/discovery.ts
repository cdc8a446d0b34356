import { servedKinds, type ServedKind } from './resources.ts';

/** Discovery of groups and kinds: `/api`, `/apis`, and below. Undefined for any other path. */
export const discovery = (path: string, server: string): object | undefined => {
  if (path === '/api') {
    const addresses = [{ clientCIDR: '0.0.0.0/0', serverAddress: server }];
    return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: addresses };
  }
  if (path === '/apis') return { kind: 'APIGroupList', apiVersion: 'v1', groups: groups.map(group) };
  const found = groups.find((g) => path === `/apis/${g.name}`);
  if (found !== undefined) return { kind: 'APIGroup', apiVersion: 'v1', ...group(found) };
  const root = path.slice(1);
  const kinds = servedKinds.filter((r) => r.root === root);
  if (kinds.length === 0) return undefined;
  const groupVersion = root.replace(/^apis?\//, '');
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion, resources: kinds.flatMap(entries) };
};

interface Group {
  readonly name: string;
  readonly version: string;
}

const groups: readonly Group[] = [...new Set(servedKinds.map((r) => r.root))]
  .filter((root) => root.startsWith('apis/'))
  .map((root) => ({ name: root.split('/')[1] ?? '', version: root.split('/')[2] ?? '' }));

const group = ({ name, version }: Group): object => {
  const preferred = { groupVersion: `${name}/${version}`, version };
  return { name, versions: [preferred], preferredVersion: preferred };
};

const changes = {
  all: ['create', 'update', 'patch', 'delete'],
  some: ['patch', 'delete'],
  none: [],
} as const;

const entries = (resource: ServedKind): object[] => {
  const base = { singularName: resource.singular, namespaced: resource.namespaced, kind: resource.kind };
  const main = {
    name: resource.plural,
    ...base,
    verbs: ['get', 'list', 'watch', ...changes[resource.changes]],
    ...(resource.shortNames.length === 0 ? {} : { shortNames: resource.shortNames }),
  };
  if (resource.kind !== 'Pod') return [main];
  const sub = { singularName: '', namespaced: true };
  const both = ['create', 'get'];
  return [
    main,
    { name: 'pods/attach', ...sub, kind: 'PodAttachOptions', verbs: both },
    // kubectl drain detects eviction support by this group and version.
    { name: 'pods/eviction', ...sub, group: 'policy', version: 'v1', kind: 'Eviction', verbs: ['create'] },
    { name: 'pods/exec', ...sub, kind: 'PodExecOptions', verbs: both },
    { name: 'pods/log', ...sub, kind: 'Pod', verbs: ['get'] },
  ];
};
