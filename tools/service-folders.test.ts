import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';

// The grammar of a service folder (docs/design.md), so that forty services read alike.

const services = join(import.meta.dirname, '..', 'src', 'services');
const names = readdirSync(services).filter((name) => statSync(join(services, name)).isDirectory());

/** Files that stand in the folder itself. */
const FILES = new Set([
  ...['index.ts', 'manifest.ts', 'README.md'],
  ...['errors.ts', 'events.ts', 'limits.ts'],
  // Parts that are used before the service is loaded (src/kit/manifest.ts).
  ...['facts.ts', 'provides.ts', 'sweeps.ts', 'wants.ts'],
  'testing.ts',
]);
const NEEDED = ['index.ts', 'manifest.ts', 'README.md', 'errors.ts', 'limits.ts', 'operations'];

/** What a pure module may have of Node: computations. `BlockList` and `isIP` are all that is wanted of `net`. */
const PURE = new Set(
  ['crypto', 'path', 'zlib', 'buffer', 'util', 'url'].map((name) => `node:${name}`),
);

const read = (file: string) => readFileSync(join(services, file), 'utf8');
const isTest = (file: string) => /(\.test|\.property\.test|\/testing|^testing)\.ts$/.test(file);
const sourcesOf = (folder: string) =>
  readdirSync(join(services, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !isTest(file))
    .map((file) => join(folder, file));
const has = (folder: string) => statSync(join(services, folder), { throwIfNoEntry: false });

/** What of a module's text is I/O or the time. */
function impurities(text: string): string[] {
  const imports = [...text.matchAll(/^(?:import|export) (?!type)([^;]*?)from '([^']+)';/gm)];
  const forbidden = imports.flatMap(([, what = '', from = '']) => {
    if (from === 'node:net') return /^\{ (BlockList|isIP|, )+ \} $/.test(what) ? [] : [from];
    if (from.startsWith('node:')) return PURE.has(from) ? [] : [from];
    return /\/(db|blobs|git\/(?!names)|executors|store|operations|run)\/|\/store[^/]*\.ts|\/clock\.ts/.test(
      from,
    )
      ? [from]
      : [];
  });
  const clock =
    text.match(/\bDate\.now\(|\bnew Date\(\)|\bperformance\.now\(|\bsetTimeout\(/g) ?? [];
  return [...forbidden, ...clock];
}

/** What each start loads of a service (tools/manifests.ts, FILES); migrations where they have not run. */
const EARLY = [
  ...['facts.ts', 'provides.ts', 'sweeps.ts', 'wants.ts'],
  ...['routes/index.ts', 'migrations/index.ts'],
];

/** The ways on which a module leads to a client package as it is loaded, by what stands at their end. */
function clientsBehind(file: string, seen = new Set<string>()): string[] {
  if (seen.has(file)) return [];
  seen.add(file);
  const imports = readFileSync(file, 'utf8').matchAll(
    /^(?:import|export) (?!type\b)[^;]*?from '([^']+)';/gm,
  );
  return [...imports].flatMap(([, from = '']) => {
    if (from.startsWith('@aws-sdk/client-')) return [`${relative(services, file)}: ${from}`];
    return from.startsWith('.') ? clientsBehind(join(dirname(file), from), seen) : [];
  });
}

describe.each(names)('%s', (service) => {
  const entries = readdirSync(join(services, service), { withFileTypes: true });

  test('has the files that every service has', () => {
    const missing = NEEDED.filter((name) => !entries.some((entry) => entry.name === name));
    expect(missing).toEqual([]);
  });

  test('keeps all else in folders', () => {
    const files = entries.filter((entry) => entry.isFile()).map((entry) => entry.name);
    const strange = files.filter((name) => !FILES.has(name) && !name.endsWith('.test.ts'));
    expect(strange).toEqual([]);
  });

  test('calls folders by lower-case nouns', () => {
    const folders = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
    const vague = /^(util|utils|helpers?|common|shared|misc|lib|src|types|interfaces)$/;
    expect(folders.filter((name) => !/^[a-z][a-z0-9-]*$/.test(name) || vague.test(name))).toEqual(
      [],
    );
  });

  test('defines itself in at most 60 lines', () => {
    expect(read(`${service}/index.ts`).trimEnd().split('\n').length).toBeLessThanOrEqual(60);
  });

  test('loads no client package before it is called', () => {
    const early = EARLY.filter((file) => has(`${service}/${file}`));
    const found = early.flatMap((file) => clientsBehind(join(services, service, file)));
    expect(found).toEqual([]);
  });

  test('numbers its migrations without a gap, and lists them in order', () => {
    if (!has(`${service}/migrations`)) return;
    const found = readdirSync(join(services, service, 'migrations')).filter(
      (name) => name !== 'index.ts',
    );
    const numbers = found.map((name) => /^(\d{4})-[a-z0-9-]+\.ts$/.exec(name)?.[1]);
    expect(numbers).toEqual(found.map((_, index) => `${index + 1}`.padStart(4, '0')));
    const index = read(`${service}/migrations/index.ts`);
    const listed = [...index.matchAll(/from '\.\/([^']+)'/g)].map(([, name]) => name);
    expect(listed).toEqual(found);
  });

  test('has SQL in store/ and migrations/ alone', () => {
    const outside = sourcesOf(service)
      .filter((file) => !/^[^/]+\/(store|migrations)\//.test(file))
      .filter((file) =>
        /\.(selectFrom|insertInto|updateTable|deleteFrom)\(|\bsql[`<]/.test(read(file)),
      );
    expect(outside).toEqual([]);
  });

  test('decides without I/O and clock', () => {
    if (!has(`${service}/model`)) return;
    const impure = sourcesOf(`${service}/model`).flatMap((file) =>
      impurities(read(file)).map((what) => `${file}: ${what}`),
    );
    expect(impure).toEqual([]);
  });

  test('has its operations by nouns', () => {
    const verbs =
      /\/(get|list|describe|create|put|update|set|delete|add|remove|start|stop|batch)(-[^/]*)?\.ts$/;
    const files = sourcesOf(`${service}/operations`).filter((file) => verbs.test(file));
    expect(files).toEqual([]);
  });
});
