import { expect, it } from 'vitest';
import type { Migration, Tx } from './database.ts';
import { statement } from './statement.ts';
import { eachDialect } from './testing.ts';

type Tables = { test_word: { id: number; word: string } };

const words: Migration = {
  name: '0001-words',
  async up(tx) {
    await tx.schema
      .createTable('test_word')
      .addColumn('id', 'integer', (c) => c.primaryKey())
      .addColumn('word', 'text', (c) => c.notNull())
      .execute();
  },
};
const on = (tx: Tx) => tx.withTables<Tables>();

eachDialect('statement', (makeDatabase) => {
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
    expect(built).toBe(1);
  });
});
