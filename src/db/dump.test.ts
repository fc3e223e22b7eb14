import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Migration } from './database.ts';
import { type Dump, openDump, type Restored, restoredSchema } from './dump.ts';
import type { ServiceMigrations } from './migrate.ts';
import { onServer } from './on-server.ts';
import { type DatabaseOptions, openDatabase } from './open.ts';
import { eachDialect, testVault } from './testing.ts';

type Tables = {
  toy_part: { name: string; toy: string };
  toy_toy: { name: string; size: number; made_at: number | null; body: string; sealed: Uint8Array };
};

const first: Migration = {
  name: '0001-toys',
  async up(tx) {
    await tx.schema
      .createTable('toy_toy')
      .addColumn('name', 'text', (c) => c.primaryKey())
      .addColumn('size', 'integer', (c) => c.notNull())
      .addColumn('made_at', 'bigint')
      .addColumn('sealed', 'bytea', (c) => c.notNull())
      .execute();
    // Before the other one by name, and refers to it.
    await tx.schema
      .createTable('toy_part')
      .addColumn('name', 'text', (c) => c.primaryKey())
      .addColumn('toy', 'text', (c) => c.notNull().references('toy_toy.name').onDelete('cascade'))
      .execute();
  },
};
const second: Migration = {
  name: '0002-body',
  up: (tx) =>
    tx.schema
      .alterTable('toy_toy')
      .addColumn('body', 'text', (c) => c.notNull().defaultTo(''))
      .execute(),
};
const third: Migration = {
  name: '0003-later',
  up: (tx) => tx.schema.createTable('toy_later').addColumn('a', 'text').execute(),
};
const schema: ServiceMigrations[] = [{ service: 'toy', migrations: [first, second] }];
const later: ServiceMigrations[] = [{ service: 'toy', migrations: [first, second, third] }];

const toys = Array.from({ length: 1_203 }, (_, index) => ({
  name: `n${index}`,
  size: index,
  made_at: index % 2 ? 1_795_000_000_000 + index : null,
  body: `"\u0000\u2028\n${index}`,
  sealed: Buffer.from([0, 255, index % 256]),
}));

eachDialect('a dump', (makeDatabase, dialect, _reopen, place) => {
  /** A new database of either kind, gone at the end. */
  async function emptied(
    kind: DatabaseOptions['dialect'],
    work: (options: DatabaseOptions) => Promise<void>,
  ) {
    if (kind === 'sqlite') {
      const directory = mkdtempSync(join(tmpdir(), 'slipway-dump-'));
      await work({ dialect: 'sqlite', file: join(directory, 'a.db') });
      rmSync(directory, { recursive: true });
      return;
    }
    const server = process.env.SLIPWAY_TEST_POSTGRES ?? '';
    const name = `slipway_dump_${randomBytes(6).toString('hex')}`;
    await onServer(server, `create database ${name}`);
    const url = new URL(server);
    url.pathname = `/${name}`;
    await work({ dialect: 'postgres', url: url.href });
    await onServer(server, `drop database ${name} with (force)`);
  }

  async function filled() {
    const database = await makeDatabase(...schema);
    await database.transaction(async (tx) => {
      const on = tx.withTables<Tables>();
      for (const toy of toys) await on.insertInto('toy_toy').values(toy).execute();
      await on.insertInto('toy_part').values({ name: 'wheel', toy: 'n7' }).execute();
    });
    return database;
  }

  async function copy(dump: Dump, restored: Restored): Promise<void> {
    for (const table of restored.tables) await restored.load(table, dump.lines(table));
  }

  test.each([dialect, 'sqlite'] as const)(
    'is of one moment, and makes the same in a new database (%s)',
    async (kind) => {
      const database = await filled();
      const dump = await openDump(place(), schema);
      await database.transaction((tx) => tx.withTables<Tables>().deleteFrom('toy_toy').execute());
      await emptied(kind, async (options) => {
        const restored = await restoredSchema(options, dump.steps, later);
        await copy(dump, restored);
        await restored.commit();
        await restored.close();
        const made = await openDatabase(options, testVault);
        const on = made.db.withTables<Tables>();
        const rows = await on.selectFrom('toy_toy').selectAll().orderBy('size').execute();
        expect(rows.map((row) => ({ ...row, sealed: Buffer.from(row.sealed) }))).toEqual(toys);
        expect(await on.selectFrom('toy_part').selectAll().execute()).toEqual([
          { name: 'wheel', toy: 'n7' },
        ]);
        await made.close();
        if (kind === 'postgres')
          await expect(restoredSchema(options, dump.steps, schema)).rejects.toThrow('is not empty');
      });
      await dump.close();
    },
  );

  test('of steps that this version does not know is refused', async () => {
    await filled();
    await expect(openDump(place(), [])).rejects.toThrow(
      /newer version of Slipway \(toy\/0001-toys/,
    );
  });

  test('takes no rows that are none', async () => {
    await filled();
    const dump = await openDump(place(), schema);
    await emptied('sqlite', async (options) => {
      const restored = await restoredSchema(options, dump.steps, schema);
      const part = restored.tables.find(({ name }) => name === 'toy_part');
      if (!part) throw new Error('no table');
      const load = async (...lines: string[]) =>
        restored.load(
          part,
          (async function* () {
            yield* lines;
          })(),
        );
      await expect(load('["name"]')).rejects.toThrow('other columns of toy_part');
      for (const line of ['', '{}', '["a"]', '["a",{}]', '["a",["b"]]', '["a",true]'])
        await expect(load('["name","toy"]', line), line).rejects.toThrow('has a row of toy_part');
      await load('["name","toy"]', '["wheel","nothing"]');
      await expect(restored.commit()).rejects.toThrow('without what they belong to');
      await restored.close();
    });
    await dump.close();
  });
});
