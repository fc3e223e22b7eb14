import type { Migration } from '../db/database.ts';

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

/** The tables of the queue and of the outbox. */
export const engineMigrations: Migration[] = [queue, outbox, noWorkers];
