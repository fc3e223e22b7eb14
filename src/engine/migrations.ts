import type { Migration } from '../db/database.ts';
import { sql } from '../db/kysely.ts';

const queue: Migration = {
  name: '0001-queue',
  async up(tx) {
    await tx.schema
      .createTable('engine_node')
      .addColumn('node', 'text', (c) => c.primaryKey())
      .addColumn('host', 'text', (c) => c.notNull())
      .addColumn('beat', 'integer', (c) => c.notNull())
      .addColumn('workers', 'text', (c) => c.notNull())
      .execute();
    await tx.schema
      .createTable('engine_wake')
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('key', 'text', (c) => c.notNull())
      .addColumn('id', 'text', (c) => c.notNull())
      .addColumn('due_at', 'bigint', (c) => c.notNull())
      .addColumn('failures', 'integer', (c) => c.notNull().defaultTo(0))
      .addPrimaryKeyConstraint('engine_wake_pk', ['name', 'key', 'id'])
      .execute();
    await tx.schema
      .createIndex('engine_wake_due')
      .on('engine_wake')
      .columns(['name', 'due_at', 'id'])
      .execute();
    await tx.schema
      .createTable('engine_lease')
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('key', 'text', (c) => c.notNull())
      .addColumn('node', 'text', (c) => c.notNull().references('engine_node.node'))
      .addColumn('token', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('engine_lease_pk', ['name', 'key'])
      .execute();
    await tx.schema.createIndex('engine_lease_node').on('engine_lease').columns(['node']).execute();
  },
};

const outbox: Migration = {
  name: '0002-outbox',
  async up(tx) {
    await tx.schema
      .createTable('engine_event')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('published_at', 'bigint', (c) => c.notNull())
      .addColumn('event', 'text', (c) => c.notNull())
      .execute();
    await tx.schema
      .createIndex('engine_event_age')
      .on('engine_event')
      .columns(['published_at'])
      .execute();
    await tx.schema
      .createTable('engine_delivery')
      .addColumn('subscription', 'text', (c) => c.notNull())
      .addColumn('event_id', 'text', (c) => c.notNull().references('engine_event.id'))
      .addPrimaryKeyConstraint('engine_delivery_pk', ['subscription', 'event_id'])
      .execute();
    await tx.schema
      .createIndex('engine_delivery_event')
      .on('engine_delivery')
      .columns(['event_id'])
      .execute();
  },
};

/** Nodes had work of theirs in a queue of graphile-worker's too; now the database's own notifications tell them. */
const noWorkers: Migration = {
  name: '0003-no-workers',
  async up(tx) {
    await tx.schema.alterTable('engine_node').dropColumn('workers').execute();
  },
};

/** Who looks in sees since when, and what failed. What is there already counts from now. */
const lookingIn: Migration = {
  name: '0004-looking-in',
  async up(tx) {
    const columns: [table: 'engine_node' | 'engine_wake' | 'engine_lease', column: string][] = [
      ['engine_node', 'since'],
      ['engine_wake', 'woken_at'],
      ['engine_lease', 'since'],
    ];
    for (const [table, column] of columns) {
      const alter = tx.schema.alterTable(table);
      await alter.addColumn(column, 'bigint', (c) => c.notNull().defaultTo(0)).execute();
      await sql`update ${sql.table(table)} set ${sql.ref(column)} = ${Date.now()}`.execute(tx);
    }
    await tx.schema.alterTable('engine_node').addColumn('beat_at', 'bigint').execute();
    await tx.schema.alterTable('engine_wake').addColumn('failing_since', 'bigint').execute();
    await tx.schema.alterTable('engine_wake').addColumn('error_message', 'text').execute();
    await sql`update engine_wake set failing_since = woken_at where failures > 0`.execute(tx);
    // Hardly ever is a row in it, so that it costs those who wake nothing.
    await tx.schema
      .createIndex('engine_wake_failing')
      .on('engine_wake')
      .columns(['failing_since'])
      .where(sql.ref('failures'), '>', sql.lit(0))
      .execute();
  },
};

/** Those who want events in order get those of one resource by a lane; what is owed already has none, and its own key. */
const lanes: Migration = {
  name: '0005-lanes',
  async up(tx) {
    await tx.schema.alterTable('engine_delivery').addColumn('lane', 'text').execute();
    await tx.schema.alterTable('engine_delivery').addColumn('position', 'bigint').execute();
    await tx.schema
      .createIndex('engine_delivery_lane')
      .on('engine_delivery')
      .columns(['subscription', 'lane', 'position'])
      .where(sql.ref('lane'), 'is not', sql.lit(null))
      .execute();
  },
};

/** The tables of the queue and of the outbox. */
export const engineMigrations: Migration[] = [queue, outbox, noWorkers, lookingIn, lanes];
