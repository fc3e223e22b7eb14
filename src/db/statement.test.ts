import { expect, it } from 'vitest';
import type { Migration, Tx } from './database.ts';
import { sql } from './kysely.ts';
import { statement } from './statement.ts';
import { eachDialect } from './testing.ts';

type Tables = {
  test_word: { id: number; word: string };
  test_sealed: { id: number; body: string };
};

const words: Migration = {
  name: '0001-words',
  async up(tx) {
    await tx.schema
      .createTable('test_word')
      .addColumn('id', 'integer', (c) => c.primaryKey())
      .addColumn('word', 'text', (c) => c.notNull())
      .execute();
    await tx.schema
      .createTable('test_sealed')
      .addColumn('id', 'integer', (c) => c.primaryKey())
      .addColumn('body', 'text', (c) => c.notNull())
      .execute();
  },
};
const on = (tx: Tx) => tx.withTables<Tables>();

eachDialect('statement', (makeDatabase) => {
  it('seals and opens what lies sealed, in each database by its own keys', async () => {
    const put = statement<{ id: number; body: string }, unknown>((tx, value) =>
      on(tx)
        .insertInto('test_sealed')
        .values({ id: value('id'), body: value('body') })
        .onConflict((c) => c.column('id').doUpdateSet({ body: value('body') })),
    );
    const bodies = statement<object, { body: string }>((tx) =>
      on(tx).selectFrom('test_sealed').select('body'),
    );
    const lies = sql<{ raw: string }>`select 'raw ' || body as raw from test_sealed`;
    for (const name of ['first', 'second']) {
      const database = await makeDatabase({ service: 'test', migrations: [words] });
      for (const body of ['once', name])
        await database.transaction((tx) => put(tx, { id: 1, body }));
      expect(await bodies(database.db, {})).toEqual([{ body: name }]);
      expect((await lies.execute(database.db)).rows[0]?.raw).toMatch(/^raw ~sealed1~/);
    }
  });

  it('is built once, and takes its parameters and its transaction at each call', async () => {
    const database = await makeDatabase({ service: 'test', migrations: [words] });
    let built = 0;
    const wordsFrom = statement<{ first: number; not: string }, { word: string }>((tx, value) => {
      built += 1;
      return on(tx)
        .selectFrom('test_word')
        .select('word')
        .where('word', '!=', value('not'))
        .where('id', '>=', value('first'))
        .where('id', '<', 100)
        .orderBy('id');
    });
    await database.transaction(async (tx) => {
      const rows = ['a', 'b', 'c'].map((word, id) => ({ id, word }));
      await on(tx).insertInto('test_word').values(rows).execute();
      expect(await wordsFrom(tx, { first: 0, not: 'b' })).toEqual([{ word: 'a' }, { word: 'c' }]);
    });
    expect(await wordsFrom(database.db, { first: 2, not: '' })).toEqual([{ word: 'c' }]);
    expect(await wordsFrom(database.db, { first: 3, not: '' })).toEqual([]);
    // One connection writes, and one reads.
    expect(built).toBe(2);
  });
});
