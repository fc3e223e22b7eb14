import { expect, test } from 'vitest';
import type { OpenRepository } from '../resources/repository.ts';
import { checkSpecifier, checkTarget, checkTip } from './target.ts';

const id = (digit: string) => digit.repeat(40);
const thrown = (name: string) => expect.objectContaining({ name: `${name}Exception` });

test.each([
  ['CommitRequired', undefined],
  ['CommitRequired', ''],
  ['InvalidCommit', 'a~1'],
  ['InvalidCommit', 'a..b'],
])('CC-MRG-06: %s for the specifier %j', (name, specifier) => {
  expect(() => checkSpecifier(specifier)).toThrow(thrown(name));
});

test.each(['main', 'refs/heads/main', 'HEAD', 'v1', id('a')])(
  'CC-MRG-06: %s is one',
  (specifier) => {
    expect(checkSpecifier(specifier)).toBe(specifier);
  },
);

test.each([
  ['InvalidTargetBranch', { targetBranch: 'a..b' }],
  ['BranchNameRequired', { targetBranch: '' }],
  ['BranchNameRequired', { destinationCommitSpecifier: 'HEAD' }],
  ['BranchNameRequired', { destinationCommitSpecifier: id('a') }],
  ['BranchNameIsTagName', { destinationCommitSpecifier: 'refs/tags/v1' }],
  ['InvalidBranchName', { destinationCommitSpecifier: 'x'.repeat(257) }],
])('CC-MRG-06: %s for the target of %j', (name, more) => {
  expect(() => checkTarget({ destinationCommitSpecifier: 'main', ...more })).toThrow(thrown(name));
});

const REFERENCES = {
  'refs/heads/main': id('1'),
  'refs/heads/other': id('2'),
  'refs/tags/v1': id('1'),
};
const repository = {
  git: {
    references: async (names: string[]) =>
      Object.entries(REFERENCES).flatMap(([name, of]) =>
        names.includes(name) ? [{ name, id: of }] : [],
      ),
  },
} as unknown as OpenRepository;

test.each([
  ['', 'main', 'main'],
  ['', 'main', 'refs/heads/main'],
  ['', 'main', id('1')],
  ['BranchNameIsTagName', 'v1', 'v1'],
  ['BranchDoesNotExist', 'none', 'main'],
  // Another branch is no place for what was merged with this one.
  ['InvalidTargetBranch', 'other', 'main'],
  ['ConcurrentReferenceUpdate', 'other', id('1')],
  ['ConcurrentReferenceUpdate', 'other', 'other'],
])('CC-MRG-06: %s where %s is to be at %s', async (name, branch, destinationCommitSpecifier) => {
  const asked = { targetBranch: branch, destinationCommitSpecifier };
  const checked = checkTip(repository, { branch, destination: id('1'), asked });
  if (name === '') await checked;
  else await expect(checked).rejects.toEqual(thrown(name));
});
