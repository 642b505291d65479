/**
 * The rooms of the house and what each may import. Type imports count. Every folder under src/ must have a
 * row here: a room without a row may import nothing.
 */
const rooms = {
  events: [],
  forecasting: [],
  machines: ['events'],
  ports: ['events', 'forecasting'],
  ota: ['events'],
  projections: ['events'],
  actors: ['ports', 'machines', 'events'],
  cloud: ['actors', 'ports', 'machines', 'events', 'forecasting', 'ota', 'projections'],
  edge: ['actors', 'ports', 'machines', 'events', 'forecasting', 'ota'],
  adapters: ['ports', 'events', 'projections', 'forecasting', 'ota'],
  visualizer: ['machines', 'events'],
  http: ['cloud', 'ports', 'projections', 'machines', 'events', 'visualizer', 'ota'],
  main: [
    'actors',
    'adapters',
    'cloud',
    'edge',
    'events',
    'forecasting',
    'http',
    'machines',
    'ota',
    'ports',
    'projections',
    'visualizer',
  ],
  report: ['forecasting'],
  client: [],
  cli: ['main', 'client', 'forecasting', 'report'],
};

const isTest = '[.]test[.]ts$';

const roomRules = Object.entries(rooms).map(([room, allowed]) => ({
  name: `room-${room}`,
  comment: `src/${room} may import only: ${allowed.join(', ') || 'nothing of ours'}.`,
  severity: 'error',
  from: { path: `^src/${room}/`, pathNot: isTest },
  to: { path: '^(src|web|bench|test)/', pathNot: [`^src/${room}/`, ...allowed.map((r) => `^src/${r}/`)] },
}));

export default {
  forbidden: [
    ...roomRules,
    {
      name: 'known-rooms',
      comment: 'Every file under src/ lives in a room listed above.',
      severity: 'error',
      from: { path: '^src/', pathNot: Object.keys(rooms).map((r) => `^src/${r}/`) },
      to: {},
    },
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'adapters-apart',
      comment: 'One folder per technology; an adapter does not lean on another one.',
      severity: 'error',
      from: { path: '^src/adapters/([^/]+)/', pathNot: isTest },
      to: { path: '^src/adapters/', pathNot: '^src/adapters/$1/' },
    },
    {
      name: 'otel-apart',
      comment: 'All others trace through the port.',
      severity: 'error',
      from: { pathNot: '^(src/adapters/otel/|node_modules/)' },
      to: { path: '(^|/)node_modules/@opentelemetry/' },
    },
    {
      name: 'pure-rooms',
      comment: 'The vocabulary, the machines, the projections and the numbers do no input or output.',
      severity: 'error',
      from: {
        path: '^src/(events|machines|projections|forecasting|ota|visualizer|report)/',
        pathNot: isTest,
      },
      to: { path: '^(node:)?(fs|net|http|https|dgram|child_process|worker_threads|timers)(/promises)?$' },
    },
    {
      name: 'console-apart',
      comment: 'The console knows the service by its HTTP API alone.',
      severity: 'error',
      from: { path: '^web/' },
      to: { path: '^(src|bench|test)/', pathNot: '^src/client/' },
    },
    {
      name: 'no-telemetry',
      comment: 'ONNX Runtime is loaded by the one module that switches its telemetry off before.',
      severity: 'error',
      from: { pathNot: '^src/adapters/onnxruntime/runtime[.]ts$' },
      to: { path: 'onnxruntime-node', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'tests-stay-out',
      comment: 'Product code never imports a test.',
      severity: 'error',
      from: { pathNot: [isTest, '^(test|bench)/'] },
      to: { path: [isTest, '^test/'] },
    },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'no-dev-dependencies',
      severity: 'error',
      from: { path: '^src/', pathNot: isTest },
      to: { dependencyTypes: ['npm-dev'] },
    },
  ],
  options: {
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(data|\\.cache)/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
