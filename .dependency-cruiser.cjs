// The arrows between the rooms (ARCHITECTURE.md). Each row: what a room may import beside itself and node; packages where named.
const rooms = {
  lib: [],
  model: ['lib'],
  engine: ['lib'],
  gce: ['lib', 'model'],
  kube: ['lib', 'model'],
  boot: ['lib', 'model'],
  steps: ['engine', 'model', 'boot', 'lib'],
  workflows: ['steps', 'engine', 'model', 'boot', 'lib'],
  verbs: ['workflows', 'steps', 'engine', 'model', 'boot', 'lib'],
  operate: ['verbs', 'workflows', 'steps', 'engine', 'model', 'boot', 'lib'],
  emulator: ['lib', 'model', 'boot'],
};
// These know the cloud by its types only, and by the table of its kinds, which is data.
const typesOnly = Object.fromEntries(['steps', 'workflows', 'verbs', 'operate'].map((room) => [room, ['gce', 'kube']]));

const forbidden = Object.entries(rooms).flatMap(([room, may]) => {
  const known = [room, ...may];
  const types = typesOnly[room] ?? [];
  const outside = (list) => `^src/(?!(${list.join('|')})/)`;
  const rule = (name, to) => ({ name, severity: 'error', from: { path: `^src/${room}/` }, to });
  return [
    rule(`${room}-arrows`, { path: outside([...known, ...types]) }),
    ...(types.length === 0
      ? []
      : [
          rule(`${room}-types-only`, {
            path: `^src/(${types.join('|')})/`,
            pathNot: '^src/gce/kinds\\.ts$',
            dependencyTypesNot: ['type-only'],
          }),
        ]),
  ];
});

const onlyIn = (name, packages, room) => ({
  name,
  severity: 'error',
  from: { path: '^src/', pathNot: `^src/${room}/` },
  to: { path: `^node_modules/(${packages})` },
});

module.exports = {
  forbidden: [
    ...forbidden,
    onlyIn('compute-client-only-in-gce', '@google-cloud/compute', '(gce|emulator/schema)'),
    onlyIn('kubernetes-client-only-in-kube', '@kubernetes/client-node', 'kube'),
    {
      name: 'vscode-only-in-ui',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(ui/|extension\\.ts)' },
      to: { path: '^(vscode$|node_modules/(@types/vscode|vscode-kubernetes-tools-api))' },
    },
    {
      name: 'nothing-imports-ui',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(ui/|extension\\.ts)' },
      to: { path: '^src/ui/' },
    },
    {
      name: 'webview-by-messages-only',
      severity: 'error',
      from: { path: '^src/ui/statusView/' },
      to: { path: '^src/(?!ui/(statusView/|views/statusMessages\\.ts))' },
    },
    // Also of types: two files that cannot be read without each other are one.
    { name: 'no-circular', severity: 'error', from: { path: '^src/' }, to: { circular: true } },
    {
      name: 'no-circular-tests',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'nothing-imports-the-doors',
      severity: 'error',
      from: { path: '^src/(?!(cli|extension)\\.ts)' },
      to: { path: '^src/(cli\\.ts|extension\\.ts)' },
    },
    {
      name: 'compose-arrows',
      severity: 'error',
      from: { path: '^src/compose\\.ts$' },
      to: { path: '^src/(ui|cli|verbs|workflows|boot)/' },
    },
    {
      name: 'cli-arrows',
      severity: 'error',
      from: { path: '^src/cli(/|\\.ts$)' },
      to: { path: '^src/(ui|workflows|boot)/' },
    },
    {
      name: 'ui-arrows',
      severity: 'error',
      from: { path: '^src/(ui/|extension\\.ts)' },
      to: { path: '^src/(cli|workflows|boot)/' },
    },
    { name: 'nothing-imports-tests', severity: 'error', from: { path: '^src/' }, to: { path: '^test/' } },
    {
      name: 'emulator-by-its-process-only',
      severity: 'error',
      from: { path: '^src/(?!emulator/)' },
      to: { path: '^src/emulator/(?!(process|faults)\\.ts)' },
    },
  ],
  options: {
    // The build script bears the name of the package that it uses.
    exclude: { path: '^esbuild\\.js$' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.cjs', '.json'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
