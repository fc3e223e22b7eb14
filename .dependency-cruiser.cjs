// Imports go one way: main -> platform -> services -> kit -> {aws, engine, executors, network, git, db, blobs} -> lib (docs/architecture.md).
const middle = ['aws', 'engine', 'executors', 'network', 'git', 'db', 'blobs'];

/** What tests alone are made of. */
const testing = '(\\.test|(^|/)(testing|contract))\\.ts$';

/** Peers in the middle do not import each other, except these. */
const allowedPeers = { engine: ['db'], aws: ['db'] };

const peerRules = middle.map((folder) => {
  const others = middle.filter((f) => f !== folder && !(allowedPeers[folder] ?? []).includes(f));
  return {
    name: `${folder}-imports-no-peer`,
    severity: 'error',
    from: { path: `^src/${folder}/`, pathNot: '\\.test\\.ts$' },
    to: { path: `^src/(${others.join('|')}|kit|services|agent|cli)/|^src/[^/]+\\.ts$` },
  };
});

module.exports = {
  forbidden: [
    ...peerRules,
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-service-imports-another',
      severity: 'error',
      from: { path: '^src/services/([^/]+)/', pathNot: '\\.test\\.ts$' },
      to: { path: '^src/services/([^/]+)/', pathNot: '^src/services/$1/' },
    },
    {
      name: 'services-import-kit-the-middle-and-lib',
      severity: 'error',
      comment: 'config.ts for its type only; tests of services take a whole server from testing.ts',
      from: { path: '^src/services/', pathNot: testing },
      to: { path: '^src/(agent|cli)/|^src/[^/]+\\.ts$', pathNot: '^src/config\\.ts$' },
    },
    {
      name: 'kit-imports-the-middle-and-lib',
      severity: 'error',
      comment: 'config.ts for its type only',
      from: { path: '^src/kit/', pathNot: testing },
      to: { path: '^src/(services|agent|cli)/|^src/[^/]+\\.ts$', pathNot: '^src/config\\.ts$' },
    },
    {
      name: 'telemetry-imports-kit-the-middle-and-lib',
      severity: 'error',
      comment: 'it reads services by their APIs, like anybody',
      from: { path: '^src/telemetry/', pathNot: testing },
      to: { path: '^src/(services|agent|cli)/|^src/[^/]+\\.ts$' },
    },
    {
      name: 'telemetry-is-composed-alone',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(platform\\.ts$|telemetry/)' },
      to: { path: '^src/telemetry/' },
    },
    {
      name: 'console-imports-kit-the-middle-and-lib',
      severity: 'error',
      comment: 'what it needs of services they provide, or answer as they do anybody',
      from: { path: '^src/console/', pathNot: testing },
      to: { path: '^src/(services|telemetry|agent|cli)/|^src/[^/]+\\.ts$' },
    },
    {
      name: 'console-is-composed-alone',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(platform\\.ts$|console/)' },
      to: { path: '^src/console/' },
    },
    {
      name: 'the-house-imports-no-service',
      severity: 'error',
      comment: 'what it needs of services they provide (kit/provides.ts); the registry names them',
      from: { path: '^src/[^/]+\\.ts$' },
      to: { path: '^src/services/[^/]+/' },
    },
    {
      name: 'nothing-but-tests-imports-testing',
      severity: 'error',
      from: { path: '^src/', pathNot: `${testing}|^src/testing/` },
      to: { path: '(^|/)testing\\.ts$|^src/testing/' },
    },
    {
      name: 'main-only-starts',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/main\\.ts$' },
      to: { path: '^src/main\\.ts$' },
    },
    {
      name: 'lib-imports-nothing-of-ours',
      severity: 'error',
      from: { path: '^src/lib/' },
      to: { path: '^src/(?!lib/)' },
    },
    {
      name: 'clients-import-sdk-and-lib-only',
      severity: 'error',
      from: { path: '^src/(agent|cli)/' },
      to: { path: '^src/(?!lib/|agent/|cli/|config\\.ts$)' },
    },
    {
      name: 'nothing-of-the-server-imports-the-console',
      severity: 'error',
      comment: 'what the console itself imports: tools/console-rules.test.ts',
      from: { path: '^(src|tools)/' },
      to: { path: '^console/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    parser: 'swc',
    enhancedResolveOptions: { extensions: ['.ts', '.mjs', '.js', '.json'] },
  },
};
