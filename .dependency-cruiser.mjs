/** Who may import whom (ARCHITECTURE.md). Each rule carries its reason. */
const allowed = {
  layout: { may: [], because: 'where files are is known before anything reads them' },
  model: { may: [], because: 'nouns depend on nothing, so that everything may depend on them' },
  policy: {
    may: ['model'],
    because: 'what may be done to a container follows from its labels and the configuration alone',
  },
  words: { may: ['model'], because: 'sentences are rendered from data, by whatever speaks' },
  classify: { may: ['model', 'policy'], because: 'judgement is pure: no device, no clock, no database' },
  decide: {
    may: ['model', 'policy', 'classify'],
    because: 'judgement is pure: no device, no clock, no database',
  },
  doctor: { may: ['model'], because: 'judgement is pure: hosts of tests are tables of facts' },
  panels: { may: ['model'], because: 'a panel is SQL and titles; the renderers depend on it' },
  loop: {
    may: ['model', 'policy', 'classify', 'decide'],
    because: 'the loop touches the world through its ports only',
  },
  simulate: {
    may: ['model'],
    because: 'a modelled world knows no more of the daemon than the real one does',
  },
  engine: {
    may: ['model', 'words'],
    because: "the only folder that speaks to Docker's socket and the cgroups",
  },
  sense: {
    may: ['model', 'engine', 'layout', 'words'],
    because: 'sensing must not know what is done with it',
  },
  act: {
    may: ['model', 'policy', 'engine', 'words'],
    because: 'actions carry out a plan; they do not decide',
  },
  record: { may: ['model', 'policy', 'layout', 'words'], because: 'the only folder that knows SQLite' },
  show: { may: ['model', 'panels', 'record', 'words'], because: 'showing only reads' },
  notify: { may: ['model', 'words'], because: 'telling knows what happened, not where it is recorded' },
  host: { may: ['model', 'engine', 'layout', 'words'], because: 'the only folder that starts programs' },
  cli: {
    may: [
      'layout',
      'model',
      'policy',
      'words',
      'app',
      'host',
      'record',
      'show',
      'notify',
      'sense',
      'classify',
      'simulate',
    ],
    because: 'commands look and start; they never act on containers',
  },
};
const PURE = '^daemon/src/(model|policy|words|classify|decide|doctor|panels|loop|simulate)/';

const folderRules = Object.entries(allowed).map(([folder, { may, because }]) => ({
  name: `${folder}-imports`,
  comment: because,
  severity: 'error',
  from: { path: `^daemon/src/${folder}/` },
  to: { path: '^daemon/src/', pathNot: `^daemon/src/(${[folder, ...may].join('|')})/` },
}));

export default {
  forbidden: [
    ...folderRules,
    {
      name: 'pure-folders',
      comment: 'no Node built-in and no package: the same judgement runs live, simulated and replayed',
      severity: 'error',
      from: { path: PURE },
      to: { dependencyTypes: ['core', 'npm', 'npm-dev', 'npm-optional', 'npm-no-pkg'] },
    },
    {
      name: 'only-record-knows-sqlite',
      comment: 'one folder owns the file; others name its types at most',
      severity: 'error',
      from: { path: '^daemon/src/', pathNot: '^daemon/src/record/' },
      to: { path: '^(node:)?sqlite$', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'only-host-starts-programs',
      comment: 'a program started elsewhere would escape the undoing at the end',
      severity: 'error',
      from: { path: '^daemon/src/', pathNot: '^daemon/src/host/' },
      to: { path: '^(node:)?child_process$' },
    },
    {
      name: 'no-dev-packages-in-production',
      comment: 'the lab and the package carry production dependencies only',
      severity: 'error',
      from: { path: '^daemon/src/', pathNot: '^daemon/src/(show/grafana.*|app/build-dashboards)\\.ts$' },
      to: { dependencyTypes: ['npm-dev'] },
    },
    {
      name: 'no-circles',
      comment: 'data flows one way',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-orphans',
      comment: 'a file that no other file imports is dead code',
      severity: 'error',
      from: { orphan: true, path: '^daemon/src/' },
      to: {},
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
