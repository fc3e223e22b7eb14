import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { eachDialect } from '../../../db/testing.ts';
import type { QueueTables } from '../../../engine/queue.ts';
import type { GitRepository } from '../../../git/git-host.ts';
import { world } from '../../../testing.ts';
import service from '../index.ts';
import { references } from '../reconcilers/references.ts';
import { deleteRepository, findRepositoryById, insertRepository } from '../store/repositories.ts';
import { announceReferences, beginChange, changingReferences } from './references.ts';

const person = { name: 'Mary', email: 'm@example.com', date: '1700000000 +0000' };
const signal = new AbortController().signal;

eachDialect('announcing references', (makeDatabase) => {
  /** A repository, on a server whose engine does nothing by itself. */
  async function setUp() {
    const { platform, clock, events: published } = await world(makeDatabase, [service]);
    const repositoryId = randomUUID();
    const key = { accountId: '111111111111', region: 'us-east-1', name: 'Repo' };
    await platform.transaction((tx) =>
      insertRepository(tx, {
        ...key,
        repositoryId,
        description: undefined,
        tags: {},
        now: clock.now(),
      }),
    );
    await platform.git.create(repositoryId);
    const git = platform.git.repository(repositoryId);
    const events = () =>
      published.map(({ detail: { event, referenceName, commitId } }) => [
        event,
        referenceName,
        commitId,
      ]);
    const woken = () =>
      platform.db.withTables<QueueTables>().selectFrom('engine_wake').selectAll().execute();
    return { platform, clock, repositoryId, git, events, woken };
  }

  async function commit(git: GitRepository, text: string): Promise<string> {
    return await git.writeCommit({
      parents: [],
      author: person,
      committer: person,
      message: text,
      changes: [],
    });
  }

  describe('a change', () => {
    test('CC-EVT-01, CC-DEF-02: is announced once, and the first branch becomes the default', async () => {
      const { platform, repositoryId, git, events, woken } = await setUp();
      const id = await commit(git, '1');
      await changingReferences(platform, repositoryId, () =>
        git.updateReference('refs/heads/develop', id, undefined),
      );
      await announceReferences(platform, repositoryId);
      expect(events()).toEqual([['referenceCreated', 'develop', id]]);
      expect(await git.head()).toBe('refs/heads/develop');
      const record = await findRepositoryById(platform.db, repositoryId);
      expect(record?.defaultBranch).toBe('develop');
      expect(await woken()).toHaveLength(1);
    });

    test('that was interrupted is announced by the reconciler, which looks again while it may go on', async () => {
      const { platform, clock, repositoryId, git, events } = await setUp();
      const one = await commit(git, '1');
      const changeId = await beginChange(platform, repositoryId);
      // The server is killed here. Git, still running, ends its work after the reconciler's first look.
      clock.advance(3_000);
      const again = await references.reconcile(platform, repositoryId, signal);
      expect(again).toEqual(new Date(clock.now().getTime() + 3_000));
      await git.updateReference('refs/heads/main', one, undefined);
      clock.advance(3_000);
      await references.reconcile(platform, repositoryId, signal);
      await references.reconcile(platform, repositoryId, signal);
      expect(events()).toEqual([['referenceCreated', 'main', one]]);
      clock.advance(7 * 60 * 60_000);
      await references.reconcile(platform, repositoryId, signal);
      expect(await references.reconcile(platform, repositoryId, signal)).toBeUndefined();
      await announceReferences(platform, repositoryId, changeId);
      expect(events()).toHaveLength(1);
    });

    test('is announced once when many look at the same time', async () => {
      const { platform, repositoryId, git, events } = await setUp();
      const commits = await Promise.all([1, 2, 3, 4, 5].map((i) => commit(git, `${i}`)));
      await Promise.all(
        commits.map((id, i) =>
          changingReferences(platform, repositoryId, () =>
            git.updateReference(`refs/heads/b${i}`, id, undefined),
          ),
        ),
      );
      expect(events().sort()).toEqual(
        commits.map((id, i) => ['referenceCreated', `b${i}`, id]).sort(),
      );
    });
  });

  test('CC-RP-08: a deleted repository goes from the disk, and what was announced with it', async () => {
    const { platform, repositoryId, git } = await setUp();
    const id = await commit(git, '1');
    await changingReferences(platform, repositoryId, () =>
      git.updateReference('refs/heads/main', id, undefined),
    );
    await platform.transaction((tx) => deleteRepository(tx, repositoryId));
    await references.reconcile(platform, repositoryId, signal);
    expect(await platform.git.exists(repositoryId)).toBe(false);
    await announceReferences(platform, repositoryId);
  });

  test('a repository that was not yet made on disk is made', async () => {
    const { platform, repositoryId } = await setUp();
    await platform.git.delete(repositoryId);
    await references.reconcile(platform, repositoryId, signal);
    expect(await platform.git.exists(repositoryId)).toBe(true);
  });
});
