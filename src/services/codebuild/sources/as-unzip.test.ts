import { spawnSync } from 'node:child_process';
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { unpackInTree } from '../../../executors/unpack-tree.ts';
import { makeZip, type TestMember, temporaryDirectory } from '../../../lib/testing.ts';
import { zipSource } from './zip.ts';

const hasUnzip = spawnSync('unzip', ['-v']).status === 0;
/** What unzip answers when it has made everything, with warnings or without. */
const WARNED = 1;

function listed(directory: string, prefix = ''): string[] {
  return readdirSync(directory).flatMap((name) => {
    const [path, file] = [prefix + name, join(directory, name)];
    const found = lstatSync(file);
    if (found.isSymbolicLink()) return [`${path} -> ${readlinkSync(file)}`];
    if (found.isDirectory()) return [`${path}/`, ...listed(file, `${path}/`)];
    return [`${path} ${(found.mode & 0o7777).toString(8)} ${readFileSync(file, 'utf8')}`];
  });
}

async function bothWays(members: TestMember[]) {
  const root = temporaryDirectory();
  const [archive, tree, theirs] = ['a.zip', 'tree', 'theirs'].map((name) => join(root, name)) as [
    string,
    string,
    string,
  ];
  writeFileSync(archive, await makeZip(members));
  for (const directory of [tree, theirs]) mkdirSync(directory);
  const { status } = spawnSync('unzip', ['-qo', archive, '-d', theirs], { stdio: 'ignore' });
  const failure = await unpackInTree(tree, '/', '/in', zipSource(archive).tar()).then(
    () => undefined,
    (error: Error) => error.message,
  );
  return { status, failure, ours: listed(join(tree, 'in')), theirs: listed(theirs) };
}

const name = fc
  .array(fc.constantFrom('a', 'b', 'c:', '\\', 'd\\e', '..', '.', '', 'é'), {
    minLength: 1,
    maxLength: 4,
  })
  .map((parts) => [...parts, 'z'].join('/'))
  .chain((path) => fc.constantFrom(path, path.slice(0, -2) || 'a'));
const member: fc.Arbitrary<TestMember> = fc.oneof(
  fc.record({ name, content: fc.constantFrom('x', ''), mode: fc.constantFrom(0o100644, 0o106755) }),
  fc.record({
    name: name.filter((text) => !text.endsWith('/')),
    content: fc.constantFrom('/etc/hostname', '../../out', 'a', 'none'),
    mode: fc.constant(0o120777),
  }),
  name.map((text) => ({ name: `${text}/`, content: '', mode: 0o040755 })),
);

test.skipIf(!hasUnzip)('a source is laid out as by unzip (skipped without unzip)', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(member, { minLength: 1, maxLength: 6 }), async (members) => {
      const { status, failure, ours, theirs } = await bothWays(members);
      if (failure === undefined) expect(ours).toEqual(theirs);
      // Where unzip leaves something out the build says so.
      else expect(status, failure).toBeGreaterThan(WARNED);
    }),
    { numRuns: 150 },
  );
});
