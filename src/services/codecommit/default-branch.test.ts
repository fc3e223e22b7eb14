import * as sdk from '@aws-sdk/client-codecommit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { eachDialect } from '../../db/testing.ts';
import type { GitRepository } from '../../git/git-host.ts';
import { type Reviews, reviews } from './reviews/testing.ts';

const repositoryName = 'web';

eachDialect('the default branch', (makeDatabase) => {
  let it: Reviews;
  beforeEach(async () => {
    it = await reviews(makeDatabase);
  });
  afterEach(async () => {
    expect(it.server.failures).toEqual([]);
    await it.server.stop();
  });

  const there = async () => {
    const by = it.as('reader');
    const branches = (await by.send(new sdk.ListBranchesCommand({ repositoryName }))).branches;
    const { repositoryMetadata } = await by.send(new sdk.GetRepositoryCommand({ repositoryName }));
    expect(branches).toContain(repositoryMetadata?.defaultBranch);
    return repositoryMetadata?.defaultBranch;
  };
  const outcome = (work: Promise<unknown>) =>
    work.then(
      () => 'fine',
      (error: Error) => error.name,
    );
  /** What comes between a call of git and its answer, once. */
  function before(method: 'setHead' | 'updateReference', work: () => Promise<unknown>) {
    const { git } = it.server.platform;
    const real = git.repository.bind(git);
    git.repository = (id) => {
      const repository = real(id);
      return new Proxy(repository, {
        get(target, name) {
          const own = Reflect.get(target, name);
          if (typeof own !== 'function') return own;
          if (name !== method) return own.bind(target);
          return async (...given: unknown[]) => {
            git.repository = real;
            await work();
            return (own as (...a: unknown[]) => unknown).apply(target, given);
          };
        },
      }) as GitRepository;
    };
  }

  const remove = (branchName: string) =>
    it.as('a').send(new sdk.DeleteBranchCommand({ repositoryName, branchName }));
  const choose = (defaultBranchName: string) =>
    it.as('b').send(new sdk.UpdateDefaultBranchCommand({ repositoryName, defaultBranchName }));

  test('CC-DEF-03: of a deletion and of a choice that come at once one is refused', async () => {
    await choose('main');
    const said = await Promise.all([outcome(remove('feature')), outcome(choose('feature'))]);
    expect(said.filter((one) => one === 'fine')).toHaveLength(1);
    await there();
  });

  test('a branch that is deleted while it is chosen is not chosen', async () => {
    await choose('main');
    // The row says `feature` already; a push asks git alone.
    before('setHead', async () => {
      const git = it.server.platform.git.repository(await idOf());
      expect(await git.updateReference('refs/heads/feature', undefined, it.feature)).toBe(
        'updated',
      );
    });
    expect(await outcome(choose('feature'))).toBe('BranchDoesNotExistException');
    expect(await there()).toBe('main');
  });

  test('a branch that is chosen while it is deleted is not deleted', async () => {
    await choose('main');
    before('updateReference', () => choose('feature'));
    expect(await outcome(remove('feature'))).toBe('DefaultBranchCannotBeDeletedException');
    expect(await there()).toBe('feature');
  });

  async function idOf(): Promise<string> {
    const { repositoryMetadata } = await it
      .as('reader')
      .send(new sdk.GetRepositoryCommand({ repositoryName }));
    return repositoryMetadata?.repositoryId ?? '';
  }
});
