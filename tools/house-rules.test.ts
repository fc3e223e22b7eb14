import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');
const folders = ['src', 'tools', 'conformance', 'scenarios', 'bench'];
const sources = folders.flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(ts|mjs)$/.test(name))
    .map((name) => join(folder, name)),
);
const read = (file: string) => readFileSync(join(root, file), 'utf8');

test('no file is over 600 lines', () => {
  expect(sources.filter((file) => read(file).split('\n').length > 600)).toEqual([]);
});

test('only config.ts reads the environment of the server', () => {
  const readers = sources.filter(
    (file) =>
      /^src\/(?!cli|agent|config)/.test(file) &&
      !file.endsWith('.test.ts') &&
      /\bprocess\.env\b/.test(read(file)),
  );
  expect(readers.filter((file) => !/\/(testing|contract)\.ts$/.test(file))).toEqual([]);
});

test('kysely is loaded by db/kysely.ts alone', () => {
  const loading = /^import (?!type\b)[^;]*? from 'kysely';/m;
  expect(sources.filter((file) => /^src\//.test(file) && loading.test(read(file)))).toEqual([]);
});

test('nothing waits a fixed time in a test', () => {
  const sleepers = sources.filter(
    (file) => file.endsWith('.test.ts') && /await (sleep|setTimeout)\(/.test(read(file)),
  );
  expect(sleepers.filter((file) => file !== 'tools/house-rules.test.ts')).toEqual([]);
});

test('every dependency has its reason in docs/decisions', () => {
  const { dependencies, optionalDependencies, devDependencies } = JSON.parse(read('package.json'));
  const reasons = read('docs/decisions/dependencies.md')
    .match(/`[^`]+`/g)
    ?.map((name) => name.slice(1, -1));
  const names = Object.keys({ ...dependencies, ...optionalDependencies, ...devDependencies });
  const covers = (reason: string, name: string) =>
    reason.endsWith('*') ? name.startsWith(reason.slice(0, -1)) : reason === name;
  expect(names.filter((name) => !reasons?.some((reason) => covers(reason, name)))).toEqual([]);
});

test('nobody inside the server calls as an account’s root', () => {
  const roots = sources.filter(
    (file) =>
      /^src\/(?!.*(?:\.test|\/testing|\/toy|^src\/testing)\.ts$)/.test(file) &&
      /rootPrincipal\(|type: 'root'(?: as const)?, accountId/.test(read(file)),
  );
  expect(roots.sort()).toEqual([
    // Callers who showed a root's key, or who need none.
    'src/aws/auth/relaxed.ts',
    'src/aws/auth/root.ts',
    'src/services/iam/authentication/credential-store.ts',
    // Asks whether a destination's policy lets an account in, and calls nothing.
    'src/services/logs/delivery/send.ts',
    // The root that a test is.
    'src/testing.ts',
  ]);
});

test('what is not supported is refused by unsupported() alone', () => {
  const service = sources.filter(
    (file) => /^src\/services\//.test(file) && !/test|testing/.test(file),
  );
  const own = service.filter((file) =>
    /['`"]NotImplemented['`"]|not supported by Slipway/.test(read(file)),
  );
  expect(own.sort()).toEqual([
    // What lint says, and a build's log, which are no answers to a call.
    'src/services/codebuild/lint/warnings.ts',
    // S3's own words for a header, and one object of many.
    'src/services/s3/errors.ts',
    'src/services/s3/operations/deletion.ts',
  ]);
});
