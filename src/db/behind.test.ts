import { expect, it } from 'vitest';
import { behind } from './behind.ts';
import { eachDialect } from './testing.ts';

const ROWS = [1, 2].flatMap((at) => ['a', 'B', 'b'].map((name) => ({ at, name })));
type Tables = { rows: { at: number; name: string } };

eachDialect('what is behind a key', (makeDatabase) => {
  for (const order of ['asc', 'desc'] as const) {
    it(`is what the database orders behind it, ${order}`, async () => {
      const database = await makeDatabase({
        service: 'test',
        migrations: [
          {
            name: '0001-rows',
            up: (tx) =>
              tx.schema
                .createTable('rows')
                .addColumn('at', 'bigint', (column) => column.notNull())
                .addColumn('name', 'text', (column) => column.notNull())
                .execute(),
          },
        ],
      });
      const db = database.db.withTables<Tables>();
      await database.transaction((tx) =>
        tx.withTables<Tables>().insertInto('rows').values(ROWS).execute(),
      );
      const list = (key?: [number, string]) =>
        db
          .selectFrom('rows')
          .select(['at', 'name'])
          .where(behind(['at', 'name'], order, key))
          .orderBy('at', order)
          .orderBy('name', order)
          .execute();
      const all = await list();
      expect(all).toHaveLength(ROWS.length);
      for (const [place, { at, name }] of all.entries())
        expect(await list([at, name])).toEqual(all.slice(place + 1));
      // A key that is not there any more.
      expect(await list([1, 'zz'])).toEqual(all.filter((row) => (order === 'asc') === row.at > 1));
    });
  }
});
