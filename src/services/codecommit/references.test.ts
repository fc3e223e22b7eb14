import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Migration, Tx } from '../../db/database.ts';
import { eachDialect } from '../../db/testing.ts';
import type { NewEvent } from '../../engine/events.ts';
import type { GitRepository } from '../../git/git-host.ts';
import { temporaryGitHost } from '../../git/testing.ts';
import type { Platform } from '../../kit/service.ts';
import { ManualClock } from '../../lib/clock.ts';
import { migrations } from './migrations/index.ts';
import { references } from './reconcilers/references.ts';
import { announceReferences, beginChange, changingReferences } from './references.ts';
import { deleteRepository, findRepositoryById, insertRepository } from './store.ts';

const person = { name: 'Mary', email: 'm@example.com', date: '1700000000 +0000' };
const signal = new AbortController().signal;

let temporary: Awaited<ReturnType<typeof temporaryGitHost>>;
beforeEach(async () => {
  temporary = await temporaryGitHost();
});
afterEach(() => temporary.close());

/** Events go where a transaction that runs again takes them back, as the real ones do. */
type TestTables = { test_event: { said: string } };
const testEvents: Migration = {
  name: '0001-events',
  async up(tx) {
    await tx.schema.createTable('test_event').addColumn('said', 'text').execute();
  },
};

eachDialect('announcing references', (makeDatabase) => {
  /** A repository and a platform that keeps what is published and woken. */
  async function setUp() {
    const database = await makeDatabase(
      { service: 'codecommit', migrations },
      { service: 'test', migrations: [testEvents] },
    );
    const clock = new ManualClock();
    const woken: (Date | undefined)[] = [];
    const platform = {
      ...database,
      db: database.db,
      transaction: database.transaction.bind(database),
      clock,
      git: temporary.host,
      engine: {
        wake: async (_tx: unknown, _n: string, _k: string, at?: Date) => void woken.push(at),
      },
      events: {
        publish: async (tx: Tx, event: NewEvent) => {
          const { event: what, referenceName, commitId } = event.detail;
          const said = JSON.stringify([what, referenceName, commitId]);
          await tx.withTables<TestTables>().insertInto('test_event').values({ said }).execute();
        },
      },
    } as unknown as Platform;
    const repositoryId = randomUUID();
    const key = { accountId: '111111111111', region: 'us-east-1', name: 'Repo' };
    await database.transaction((tx) =>
      insertRepository(tx, {
        ...key,
        repositoryId,
        description: undefined,
        tags: {},
        now: clock.now(),
      }),
    );
    await temporary.host.create(repositoryId);
    const git = temporary.host.repository(repositoryId);
    const events = async () => {
      const rows = await database.db.withTables<TestTables>().selectFrom('test_event').selectAll();
      return (await rows.execute()).map(({ said }) => JSON.parse(said));
    };
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
      expect(await events()).toEqual([['referenceCreated', 'develop', id]]);
      expect(await git.head()).toBe('refs/heads/develop');
      const record = await findRepositoryById(platform.db, repositoryId);
      expect(record?.defaultBranch).toBe('develop');
      expect(woken).toHaveLength(1);
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
      expect(await events()).toEqual([['referenceCreated', 'main', one]]);
      clock.advance(7 * 60 * 60_000);
      await references.reconcile(platform, repositoryId, signal);
      expect(await references.reconcile(platform, repositoryId, signal)).toBeUndefined();
      await announceReferences(platform, repositoryId, changeId);
      expect(await events()).toHaveLength(1);
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
      expect((await events()).sort()).toEqual(
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
    expect(await temporary.host.exists(repositoryId)).toBe(false);
    await announceReferences(platform, repositoryId);
  });

  test('a repository that was not yet made on disk is made', async () => {
    const { platform, repositoryId } = await setUp();
    await temporary.host.delete(repositoryId);
    await references.reconcile(platform, repositoryId, signal);
    expect(await temporary.host.exists(repositoryId)).toBe(true);
  });
});
