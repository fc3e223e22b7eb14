import { randomUUID } from 'node:crypto';
import { CodeCommitClient, CreateCommitCommand } from '@aws-sdk/client-codecommit';
import { expect, test } from 'vitest';
import { eachDialect } from '../../db/testing.ts';
import { LocalRepository } from '../../git/repository.ts';
import { ACCOUNT, REGION, world } from '../../testing.ts';
import service from './index.ts';
import { insertRepository } from './store/repositories.ts';

eachDialect('the first commit of a repository', (makeDatabase) => {
  test('CC-CM-03: whoever comes second is told to name a parent, also when the first comes between two looks', async () => {
    const { platform, clock, client } = await world(makeDatabase, [service]);
    const repositoryId = randomUUID();
    const repository = { accountId: ACCOUNT, region: REGION, name: 'app', repositoryId };
    await platform.transaction((tx) =>
      insertRepository(tx, { ...repository, description: undefined, tags: {}, now: clock.now() }),
    );
    await platform.git.create(repositoryId);
    const codecommit = client(CodeCommitClient);
    const commit = (filePath: string) =>
      codecommit.send(
        new CreateCommitCommand({
          ...{ repositoryName: 'app', branchName: 'main' },
          putFiles: [{ filePath, fileContent: Buffer.from(filePath) }],
        }),
      );
    // The first look of the second caller finds nothing; the first one commits before its next.
    const { references } = LocalRepository.prototype;
    let first: Promise<unknown> | undefined;
    LocalRepository.prototype.references = async function (names) {
      const found = await references.call(this, names);
      if (first) return found;
      first = commit('first');
      await first;
      return found;
    };
    try {
      await expect(commit('second')).rejects.toMatchObject({
        name: 'ParentCommitIdRequiredException',
      });
      await first;
    } finally {
      LocalRepository.prototype.references = references;
    }
  });
});
