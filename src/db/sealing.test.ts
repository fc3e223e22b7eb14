import { expect, it } from 'vitest';
import { makeVault } from '../lib/vault.ts';
import type { Migration, OpenDatabase } from './database.ts';
import { createQueryId } from './kysely.ts';
import { openDatabase } from './open.ts';
import { SealingPlugin } from './sealing.ts';
import { eachDialect } from './testing.ts';

type Tables = { test_sealed: { name: string; body: string; tags: string | null } };

const migration: Migration = {
  name: '0001-sealed',
  async up(tx) {
    await tx.schema
      .createTable('test_sealed')
      .addColumn('name', 'text', (c) => c.primaryKey())
      .addColumn('body', 'text', (c) => c.notNull())
      .addColumn('tags', 'text')
      .execute();
  },
};
const schema = { service: 'test', migrations: [migration] };
const MARK = /^~sealed1~[A-Za-z0-9+/]+=*$/;

eachDialect('sealed columns', (makeDatabase, dialect, _reopen, place) => {
  const put = (database: OpenDatabase, rows: Tables['test_sealed'][]) =>
    database.transaction(async (tx) => {
      await tx
        .withTables<Tables>()
        .insertInto('test_sealed')
        .values(rows)
        .onConflict((conflict) =>
          conflict.column('name').doUpdateSet((eb) => ({ body: eb.ref('excluded.body') })),
        )
        .execute();
    });
  const rows = (database: OpenDatabase) =>
    database.db.withTables<Tables>().selectFrom('test_sealed').selectAll().orderBy('name');

  /** What lies in the database, read without the key. */
  async function stored(database: OpenDatabase): Promise<Tables['test_sealed'][]> {
    return rows({ ...database, db: database.db.withoutPlugins() }).execute();
  }

  it('are read as they were written, and lie encrypted', async () => {
    const database = await makeDatabase(schema);
    const written = [
      { name: 'a', body: '{"secret":"ä\\u0000"}', tags: null },
      { name: 'b', body: '', tags: '{}' },
    ];
    await put(database, written);
    expect(await rows(database).execute()).toEqual(written);
    const lying = await stored(database);
    expect(lying.map(({ name }) => name)).toEqual(['a', 'b']);
    for (const { body } of lying) expect(body).toMatch(MARK);
    expect(lying.map(({ tags }) => tags)).toEqual([null, expect.stringMatching(MARK)]);
  });

  it('stay so through updates, conflicts and what a statement returns', async () => {
    const database = await makeDatabase(schema);
    await put(database, [{ name: 'a', body: 'one', tags: null }]);
    await put(database, [{ name: 'a', body: 'two', tags: null }]);
    expect((await rows(database).execute())[0]?.body).toBe('two');
    const returned = await database.transaction((tx) =>
      tx
        .withTables<Tables>()
        .updateTable('test_sealed')
        .set({ body: 'three', tags: 'four' })
        .where('name', '=', 'a')
        .returning('body as renamed')
        .executeTakeFirstOrThrow(),
    );
    expect(returned.renamed).toBe('three');
    const [lying] = await stored(database);
    expect([lying?.body, lying?.tags]).toEqual([
      expect.stringMatching(MARK),
      expect.stringMatching(MARK),
    ]);
  });

  it('do not open with another key, and what only looks sealed stays as it is', async () => {
    const database = await makeDatabase(schema);
    const name = '~sealed1~AAAA';
    await put(database, [{ name, body: '~sealed1~not really', tags: null }]);
    expect(await rows(database).execute()).toEqual([
      { name, body: '~sealed1~not really', tags: null },
    ]);
    if (dialect === 'sqlite') await database.close();
    const other = await openDatabase(place(), () => makeVault(Buffer.alloc(32, 'other')));
    await expect(rows(other).execute()).rejects.toThrow('sealed with another key');
    await other.close();
  });
});

it('a value is opened once, unless many others were read since', async () => {
  const vault = makeVault(Buffer.alloc(32, 'test'));
  let opened = 0;
  const plugin = new SealingPlugin(() => ({
    ...vault,
    open: (sealed, context) => {
      opened += 1;
      return vault.open(sealed, context);
    },
  }));
  const seal = (text: string) => `~sealed1~${vault.seal(text, 'database column')}`;
  const read = async (body: string) => {
    const result = { rows: [{ body }] };
    await plugin.transformResult({ result, queryId: createQueryId() });
    return result.rows[0]?.body;
  };
  const one = seal('one');
  expect([await read(one), await read(one), opened]).toEqual(['one', 'one', 1]);
  for (let i = 0; i < 500; i += 1) await read(seal(`${i}`.padEnd(20_000)));
  expect([await read(one), opened]).toEqual(['one', 502]);
  // What is long is not kept at all.
  const long = seal('x'.repeat(100_000));
  await read(long);
  await read(long);
  expect(opened).toBe(504);
});
