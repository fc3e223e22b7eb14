import type { CreateTableBuilder } from 'kysely';
import type { Migration, Tx } from '../../../db/database.ts';

type Columns = Record<string, 'text' | 'text?' | 'integer' | 'bigint' | 'bigint?'>;

/** A table whose rows belong to an account and a region; `key` completes the primary key. */
async function createTable(tx: Tx, name: string, key: string[], columns: Columns): Promise<void> {
  let table: CreateTableBuilder<string, string> = tx.schema
    .createTable(name)
    .addColumn('account_id', 'text', (c) => c.notNull())
    .addColumn('region', 'text', (c) => c.notNull());
  for (const [column, type] of Object.entries(columns)) {
    const [plain, optional] = type.endsWith('?') ? [type.slice(0, -1), true] : [type, false];
    table = table.addColumn(column, plain as 'text' | 'integer' | 'bigint', (c) =>
      optional ? c : c.notNull(),
    );
  }
  await table
    .addPrimaryKeyConstraint(`${name}_pk`, ['account_id', 'region', ...key] as never)
    .execute();
}

async function createIndex(
  tx: Tx,
  table: string,
  columns: string[],
  unique = false,
): Promise<void> {
  let index = tx.schema
    .createIndex(`${table}_${columns.join('_')}`)
    .on(table)
    .columns(columns);
  if (unique) index = index.unique();
  await index.execute();
}

export const codedeploy: Migration = {
  name: '0001-codedeploy',
  async up(tx) {
    await applications(tx);
    await instances(tx);
    await deployments(tx);
  },
};

async function applications(tx: Tx): Promise<void> {
  await createTable(tx, 'codedeploy_application', ['name'], {
    name: 'text',
    application_id: 'text',
    platform: 'text',
    created_at: 'bigint',
    body: 'text',
  });
  await createIndex(tx, 'codedeploy_application', ['application_id'], true);
  await createTable(tx, 'codedeploy_group', ['application_id', 'name'], {
    application_id: 'text',
    name: 'text',
    group_id: 'text',
    body: 'text',
  });
  await createIndex(tx, 'codedeploy_group', ['group_id'], true);
  await createTable(tx, 'codedeploy_config', ['name'], {
    name: 'text',
    created_at: 'bigint',
    body: 'text',
  });
  await createTable(tx, 'codedeploy_revision', ['application_id', 'revision_key'], {
    application_id: 'text',
    revision_key: 'text',
    registered_at: 'bigint',
    first_used_at: 'bigint?',
    last_used_at: 'bigint?',
    body: 'text',
  });
}

async function instances(tx: Tx): Promise<void> {
  await createTable(tx, 'codedeploy_instance', ['name'], {
    name: 'text',
    iam_arn: 'text',
    registered: 'integer',
    registered_at: 'bigint',
    deregistered_at: 'bigint?',
    body: 'text',
  });
  await createIndex(tx, 'codedeploy_instance', ['account_id', 'region', 'iam_arn']);
  await createTable(tx, 'codedeploy_instance_tag', ['instance', 'tag_key'], {
    instance: 'text',
    tag_key: 'text',
    tag_value: 'text',
  });
  await createTable(tx, 'codedeploy_host', ['group_id', 'instance'], {
    group_id: 'text',
    instance: 'text',
    health: 'text',
    revision_key: 'text?',
  });
}

async function deployments(tx: Tx): Promise<void> {
  await createTable(tx, 'codedeploy_deployment', ['deployment_id'], {
    deployment_id: 'text',
    application_id: 'text',
    application_name: 'text',
    group_id: 'text',
    group_name: 'text',
    status: 'text',
    ended: 'integer',
    created_at: 'bigint',
    body: 'text',
  });
  await createIndex(tx, 'codedeploy_deployment', ['group_id', 'ended']);
  await createIndex(tx, 'codedeploy_deployment', ['ended']);
  await createTable(tx, 'codedeploy_target', ['deployment_id', 'instance'], {
    deployment_id: 'text',
    instance: 'text',
    status: 'text',
    health: 'text',
    revision: 'text',
    updated_at: 'bigint',
  });
  await createTable(tx, 'codedeploy_lifecycle_event', ['deployment_id', 'instance', 'position'], {
    deployment_id: 'text',
    instance: 'text',
    position: 'integer',
    name: 'text',
    status: 'text',
    offered_at: 'bigint?',
    served_at: 'bigint?',
    started_at: 'bigint?',
    ended_at: 'bigint?',
    body: 'text',
  });
  await createIndex(tx, 'codedeploy_lifecycle_event', [
    'account_id',
    'region',
    'instance',
    'status',
  ]);
  await tx.schema
    .createTable('codedeploy_signer')
    .addColumn('name', 'text', (c) => c.primaryKey())
    .addColumn('sealed_key', 'text', (c) => c.notNull())
    .addColumn('certificate', 'text', (c) => c.notNull())
    .execute();
}
