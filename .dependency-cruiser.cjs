// Imports go one way: main -> services -> kit -> {aws, engine, executors, git, db, blobs} -> lib (DESIGN.md, Layout).
const middle = ['aws', 'engine', 'executors', 'git', 'db', 'blobs'];

/** Peers in the middle do not import each other, except these. */
const allowedPeers = { engine: ['db'], aws: ['db'] };

const peerRules = middle.map((folder) => {
  const others = middle.filter((f) => f !== folder && !(allowedPeers[folder] ?? []).includes(f));
  return {
    name: `${folder}-imports-no-peer`,
    severity: 'error',
    from: { path: `^src/${folder}/`, pathNot: '\\.test\\.ts$' },
    to: { path: `^src/(${others.join('|')}|kit|services|agent|cli)/|^src/(main|config)\\.ts$` },
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
      name: 'services-import-the-middle-and-lib',
      severity: 'error',
      comment: 'config.ts for its type only',
      from: { path: '^src/services/' },
      to: { path: '^src/(agent|cli)/|^src/main\\.ts$' },
    },
    {
      name: 'kit-imports-the-middle-and-lib',
      severity: 'error',
      from: { path: '^src/kit/' },
      to: { path: '^src/(services|agent|cli)/|^src/main\\.ts$' },
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
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    parser: 'swc',
    enhancedResolveOptions: { extensions: ['.ts', '.mjs', '.js', '.json'] },
  },
};
