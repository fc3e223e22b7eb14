import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareReferences, firstBranch, referenceEvent } from './references.ts';

const repository = {
  arn: 'arn:aws:codecommit:us-east-1:111111111111:Repo',
  name: 'Repo',
  repositoryId: 'id',
  accountId: '111111111111',
  region: 'us-east-1',
};
const references = fc.dictionary(
  fc.constantFrom('refs/heads/a', 'refs/heads/b', 'refs/tags/a', 'refs/notes/x'),
  fc.constantFrom('1', '2'),
);

test('CC-EVT-01, CC-EVT-02, CC-EVT-03: the changes lead from what was announced to what is', () => {
  fc.assert(
    fc.property(references, references, (before, after) => {
      const announced = new Map<string, string>(Object.entries(before));
      for (const { event, name, commitId, oldCommitId } of compareReferences(
        announced,
        new Map(Object.entries(after)),
      )) {
        expect(announced.get(name)).toBe(oldCommitId);
        expect(event === 'referenceDeleted').toBe(commitId === undefined);
        expect(event === 'referenceCreated').toBe(oldCommitId === undefined);
        if (commitId === undefined) announced.delete(name);
        else announced.set(name, commitId);
      }
      expect(Object.fromEntries(announced)).toEqual(after);
    }),
  );
});

test('CC-EVT-02: an update says from where to where', () => {
  const change = {
    event: 'referenceUpdated' as const,
    name: 'refs/heads/feature/x',
    commitId: '2',
    oldCommitId: '1',
  };
  expect(referenceEvent(repository, change)).toEqual({
    source: 'aws.codecommit',
    'detail-type': 'CodeCommit Repository State Change',
    account: '111111111111',
    region: 'us-east-1',
    resources: [repository.arn],
    detail: {
      event: 'referenceUpdated',
      repositoryName: 'Repo',
      repositoryId: 'id',
      referenceType: 'branch',
      referenceName: 'feature/x',
      referenceFullName: 'refs/heads/feature/x',
      commitId: '2',
      oldCommitId: '1',
    },
  });
});

test('CC-EVT-01: a tag is a tag, and other references are not announced', () => {
  const created = { event: 'referenceCreated' as const, commitId: '1' };
  const tag = referenceEvent(repository, { ...created, name: 'refs/tags/v1' });
  expect(tag?.detail).toMatchObject({ referenceType: 'tag', referenceName: 'v1' });
  expect(referenceEvent(repository, { ...created, name: 'refs/notes/commits' })).toBeUndefined();
});

test.each([
  [['refs/heads/b', 'refs/heads/a'], 'a'],
  [['refs/heads/a', 'refs/heads/main'], 'main'],
  [['refs/heads/develop', 'refs/heads/master'], 'master'],
  [['refs/tags/v1'], undefined],
  [[], undefined],
])('CC-DEF-02: of %j the first branch is %s', (names, branch) => {
  expect(firstBranch(new Map(names.map((name) => [name, '1'])))).toBe(branch);
});
