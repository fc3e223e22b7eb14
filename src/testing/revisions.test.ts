import { expect, test } from 'vitest';
import type { Tx } from '../db/database.ts';
import { eachDialect } from '../db/testing.ts';
import { remembered, revisionsIn } from '../kit/revisions.ts';

const TABLE = 'toy_revision';
const schema = {
  service: 'toy',
  migrations: [
    {
      name: '0001-revision',
      async up(tx: Tx) {
        await tx.schema
          .createTable(TABLE)
          .addColumn('account_id', 'text', (c) => c.notNull())
          .addColumn('region', 'text', (c) => c.notNull())
          .addColumn('revision', 'text', (c) => c.notNull())
          .addPrimaryKeyConstraint('toy_revision_pk', ['account_id', 'region'])
          .execute();
      },
    },
  ],
};
const here = { accountId: '000000000000', region: 'us-east-1' };
const elsewhere = { ...here, region: 'eu-west-1' };

eachDialect('revisions', (makeDatabase) => {
  test('a change is seen at once, in its own transaction too, and only where it was made', async () => {
    const database = await makeDatabase(schema);
    const revisions = revisionsIn(TABLE);
    const found = await database.transaction(async (tx) => {
      const before = await revisions.find(tx, here);
      await revisions.changed(tx, here);
      const after = await revisions.find(tx, here);
      expect(await revisions.find(tx, here)).toBe(after);
      expect(await revisions.find(tx, elsewhere)).toBeUndefined();
      await revisions.changed(tx, here);
      return [before, after, await revisions.find(tx, here)];
    });
    expect(found[0]).toBeUndefined();
    expect(new Set(found).size).toBe(3);
    expect(await revisions.find(database.db, here)).toBe(found[2]);
  });

  test('what they stand for is read once, until there is another', async () => {
    const database = await makeDatabase(schema);
    const revisions = revisionsIn(TABLE);
    let reads = 0;
    const contents = remembered(revisions, async () => ++reads);
    const look = () => database.transaction((tx) => contents(tx, here));
    expect(await look()).toBeUndefined();
    await database.transaction((tx) => revisions.changed(tx, here));
    expect([await look(), await look()]).toEqual([1, 1]);
    await database.transaction((tx) => revisions.changed(tx, here));
    expect([await look(), await contents(database.db, here)]).toEqual([2, 2]);
  });
});
