import type { Generated } from 'kysely';
import { expect, it } from 'vitest';
import type { Migration, OpenDatabase, Tx } from './database.ts';
import { sql } from './kysely.ts';
import { migrate } from './migrate.ts';
import { openDatabase } from './open.ts';
import { afterCommit } from './scope.ts';
import { eachDialect, testVault } from './testing.ts';

type Tables = {
  test_item: { id: string; count: number; at: number | null; owner: string | null };
  test_owner: { id: string; note: Generated<string> };
};

const items: Migration = {
  name: '0001-items',
  async up(tx) {
    await tx.schema
      .createTable('test_owner')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('note', 'text', (c) => c.notNull().defaultTo(''))
      .execute();
    await tx.schema
      .createTable('test_item')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('count', 'integer', (c) => c.notNull())
      .addColumn('at', 'bigint')
      .addColumn('owner', 'text', (c) => c.references('test_owner.id'))
      .execute();
  },
};
const schema = { service: 'test', migrations: [items] };
const on = (tx: Tx) => tx.withTables<Tables>();
const insert = (tx: Tx, id: string, count = 0) =>
  on(tx).insertInto('test_item').values({ id, count, at: null, owner: null }).execute();
const ids = async (database: OpenDatabase) =>
  (await on(database.db).selectFrom('test_item').select('id').orderBy('id').execute()).map(
    (r) => r.id,
  );

const nowhere = (_name: string, _test: () => Promise<void>) => {};

eachDialect('database', (makeDatabase, dialect, reopen) => {
  const onPostgres = dialect === 'postgres' ? it : nowhere;
  const onSqlite = dialect === 'sqlite' ? it : nowhere;

  it('keeps what is committed and forgets what is thrown away', async () => {
    const database = await makeDatabase(schema);
    await database.transaction((tx) => insert(tx, 'kept'));
    const failed = database.transaction(async (tx) => {
      await insert(tx, 'lost');
      throw new Error('no');
    });
    await expect(failed).rejects.toThrow('no');
    expect(await ids(database)).toEqual(['kept']);
  });

  it('reads epoch milliseconds, counts and sums as numbers, and rows as plain objects', async () => {
    const database = await makeDatabase(schema);
    const at = Date.parse('2026-11-21T10:00:00.123Z');
    const row = { id: 'a', count: 3, at, owner: null };
    await database.transaction((tx) => on(tx).insertInto('test_item').values(row).execute());
    expect(await on(database.db).selectFrom('test_item').selectAll().execute()).toStrictEqual([
      row,
    ]);
    const totals = await on(database.db)
      .selectFrom('test_item')
      .select((e) => [e.fn.countAll().as('n'), e.fn.sum('at').as('sum')])
      .executeTakeFirstOrThrow();
    expect(totals).toStrictEqual({ n: 1, sum: at });
  });

  it('keeps texts whatever characters they hold, and finds them by these', async () => {
    const database = await makeDatabase(schema);
    const hostile = ['\0', 'a\0b', 'a\uFDD00b', '\uFDD0', '', '💥', "'; drop table test_item; --"];
    await database.transaction(async (tx) => {
      for (const id of hostile) await insert(tx, id);
    });
    expect((await ids(database)).sort()).toEqual(hostile.toSorted());
    for (const id of hostile) {
      const query = on(database.db).selectFrom('test_item').select('id').where('id', '=', id);
      expect(await query.execute()).toEqual([{ id }]);
    }
  });

  it('returns rows of insert … returning and counts changed rows', async () => {
    const database = await makeDatabase(schema);
    await database.transaction(async (tx) => {
      await insert(tx, 'a', 1);
      const update = on(tx).updateTable('test_item').set({ count: 2 });
      expect((await update.executeTakeFirst()).numUpdatedRows).toBe(1n);
      expect(await update.where('id', '=', 'a').returning('count').executeTakeFirst()).toEqual({
        count: 2,
      });
    });
  });

  it('keeps references whole', async () => {
    const database = await makeDatabase(schema);
    const orphan = database.transaction((tx) =>
      on(tx)
        .insertInto('test_item')
        .values({ id: 'a', count: 0, at: null, owner: 'nobody' })
        .execute(),
    );
    await expect(orphan).rejects.toThrow(/foreign key/i);
  });

  it('is serializable: increments by read and write lose nothing', async () => {
    const database = await makeDatabase(schema);
    await database.transaction((tx) => insert(tx, 'a'));
    const increment = () =>
      database.transaction(async (tx) => {
        const { count } = await on(tx)
          .selectFrom('test_item')
          .select('count')
          .executeTakeFirstOrThrow();
        await on(tx)
          .updateTable('test_item')
          .set({ count: count + 1 })
          .execute();
      });
    await Promise.all(Array.from({ length: 8 }, increment));
    expect(await on(database.db).selectFrom('test_item').select('count').execute()).toEqual([
      { count: 8 },
    ]);
  });

  it('is serializable: who finds nothing and adds it does so once, and the others find it', async () => {
    const database = await makeDatabase(schema);
    const add = () =>
      database.transaction(async (tx) => {
        const items = on(tx).selectFrom('test_item').select('id');
        if (await items.where('id', '=', 'a').executeTakeFirst()) return 'found';
        await insert(tx, 'a');
        return 'added';
      });
    // Looks elsewhere than where it adds, as versions are counted beside what they are versions of.
    const next = () =>
      database.transaction(async (tx) => {
        const { note } = await on(tx)
          .selectFrom('test_owner')
          .selectAll()
          .executeTakeFirstOrThrow();
        await insert(tx, note);
        await on(tx)
          .updateTable('test_owner')
          .set({ note: `${Number(note) + 1}` })
          .execute();
        return Number(note);
      });
    const answers = await Promise.all(Array.from({ length: 12 }, add));
    expect(answers.sort()).toEqual(['added', ...Array(11).fill('found')]);
    await database.transaction((tx) =>
      on(tx).insertInto('test_owner').values({ id: 'o', note: '1' }).execute(),
    );
    const numbers = await Promise.all(Array.from({ length: 12 }, next));
    expect(numbers.sort((a, b) => a - b)).toEqual(Array.from({ length: 12 }, (_, i) => i + 1));
  });

  it('does not let a read wait for a transaction, nor see into it', async () => {
    const database = await makeDatabase(schema);
    await database.transaction(async (tx) => {
      await insert(tx, 'a');
      await new Promise<void>((resolve, reject) => {
        // Outside the scope of the transaction, as another request is.
        outside(() =>
          ids(database)
            .then((found) => expect(found).toEqual([]))
            .then(resolve, reject),
        );
      });
    });
    expect(await ids(database)).toEqual(['a']);
  });

  it('refuses transactions and reads of db inside a transaction', async () => {
    const database = await makeDatabase(schema);
    await expect(database.transaction(() => database.transaction(async () => 1))).rejects.toThrow(
      /pass the tx/,
    );
    await expect(database.transaction(() => ids(database))).rejects.toThrow(/through its tx/);
  });

  it('refuses to commit after a failed statement whose error was swallowed', async () => {
    const database = await makeDatabase(schema);
    const swallowed = database.transaction(async (tx) => {
      await insert(tx, 'a');
      await insert(tx, 'a').catch(() => {});
    });
    await expect(swallowed).rejects.toThrow(/swallowed|aborted/);
    expect(await ids(database)).toEqual([]);
  });

  it('runs hooks after the commit, once per identity, and not after a rollback', async () => {
    const database = await makeDatabase(schema);
    const heard: string[] = [];
    await database.transaction(async (tx) => {
      await insert(tx, 'a');
      afterCommit(tx, 'x', () => heard.push('x'));
      afterCommit(on(tx) as unknown as Tx, 'x', () => heard.push('x'));
      expect(heard).toEqual([]);
    });
    expect(heard).toEqual(['x']);
    const failed = database.transaction(async (tx) => {
      afterCommit(tx, 'y', () => heard.push('y'));
      throw new Error('no');
    });
    await expect(failed).rejects.toThrow('no');
    expect(heard).toEqual(['x']);
    expect(() => afterCommit(database.db, 'z', () => {})).toThrow(/transaction/);
  });

  it('migrates once, and takes steps of a service that is added later', async () => {
    const database = await makeDatabase(schema);
    await database.transaction((tx) => insert(tx, 'a'));
    const added: Migration = {
      name: '0001-first',
      up: (tx) => tx.schema.createTable('another_thing').addColumn('id', 'text').execute(),
    };
    await migrate(database, [{ service: 'another', migrations: [added] }, schema]);
    await migrate(database, [schema, { service: 'another', migrations: [added] }]);
    expect(await ids(database)).toEqual(['a']);
    const run = await sql<{
      name: string;
    }>`select name from slipway_migration order by name`.execute(database.db);
    expect(run.rows.map((r) => r.name)).toEqual([
      'another/0001-first',
      'db/0001-key-check',
      'test/0001-items',
    ]);
  });

  it('is refused in a sentence by a version that does not know its last steps', async () => {
    const database = await makeDatabase(schema, {
      service: 'test2',
      migrations: [{ name: '0009-newer', up: async () => {} }],
    });
    await expect(migrate(database, [schema])).rejects.toThrow(
      'The database is of a newer version of Slipway (test2/0009-newer)',
    );
  });

  it('changes nothing when a migration fails', async () => {
    const database = await makeDatabase();
    const bad: Migration = { name: '0002-bad', up: () => Promise.reject(new Error('broken step')) };
    const attempt = migrate(database, [{ service: 'test', migrations: [items, bad] }]);
    await expect(attempt).rejects.toThrow('Migration test/0002-bad failed: broken step');
    await migrate(database, [schema]);
    expect(await ids(database)).toEqual([]);
  });

  onPostgres('lets servers that start at once migrate in turn', async () => {
    const first = await makeDatabase();
    const servers = [first, await reopen(), await reopen()];
    await Promise.all(servers.map((server) => migrate(server, [schema])));
    expect(await ids(first)).toEqual([]);
  });

  onSqlite('has one owner: a second opening is refused, also of another process', async () => {
    const database = await makeDatabase(schema);
    await database.transaction((tx) => insert(tx, 'a'));
    await database.close();
    const again = await reopen();
    expect(await ids(again)).toEqual(['a']);
    await expect(reopen()).rejects.toThrow('in use by another server');
  });

  onSqlite('does not write through db', async () => {
    const database = await makeDatabase(schema);
    await expect(insert(database.db, 'a')).rejects.toThrow(/readonly/);
    await expect(database.db.transaction().execute(async () => {})).rejects.toThrow(
      /transaction\(\)/,
    );
  });

  onSqlite('runs transactions in the order in which they were asked for', async () => {
    const database = await makeDatabase(schema);
    const order: number[] = [];
    const one = (n: number) =>
      database.transaction(async (tx) => {
        await insert(tx, `i${n}`);
        order.push(n);
      });
    await Promise.all([0, 1, 2, 3, 4, 5].map(one));
    expect(order).toEqual([0, 1, 2, 3, 4, 5]);
  });
});

it('names what it cannot open', async () => {
  await expect(
    openDatabase({ dialect: 'sqlite', file: '/nonexistent/place/x.db' }, testVault),
  ).rejects.toThrow();
});

/** Runs `work` in a context that no transaction is in. */
const snapshot = (await import('node:async_hooks')).AsyncLocalStorage.snapshot();
function outside(work: () => void): void {
  snapshot(work);
}
