import type { Db, Tx } from '../../../db/database.ts';
import { decodeJson, encodeJson } from '../../../lib/json.ts';
import type { Topic } from '../model/topic.ts';
import { type Owner, type SnsTables, tables } from './tables.ts';

type Row = SnsTables['sns_topic'];
type Body = Pick<Topic, 'policy' | 'attributes' | 'tags' | 'createdAt'>;

function topicOf(row: Row): Topic {
  return {
    arn: row.arn,
    accountId: row.account_id,
    region: row.region,
    name: row.name,
    sequence: row.sequence,
    deletedSubscriptions: row.deleted_subscriptions,
    ...decodeJson<Body>(row.body),
  };
}

const bodyOf = ({ policy, attributes, tags, createdAt }: Topic) =>
  encodeJson({ policy, attributes, tags, createdAt } satisfies Body);

export async function findTopic(db: Db | Tx, arn: string): Promise<Topic | undefined> {
  const row = await tables(db)
    .selectFrom('sns_topic')
    .selectAll()
    .where('arn', '=', arn)
    .executeTakeFirst();
  return row && topicOf(row);
}

export async function insertTopic(tx: Tx, topic: Topic): Promise<void> {
  await tables(tx)
    .insertInto('sns_topic')
    .values({
      arn: topic.arn,
      account_id: topic.accountId,
      region: topic.region,
      name: topic.name,
      sequence: topic.sequence,
      deleted_subscriptions: topic.deletedSubscriptions,
      body: bodyOf(topic),
    })
    .execute();
}

/** Changes what callers set: policy, attributes, tags. */
export async function updateTopic(tx: Tx, topic: Topic): Promise<void> {
  await tables(tx)
    .updateTable('sns_topic')
    .set({ body: bodyOf(topic) })
    .where('arn', '=', topic.arn)
    .execute();
}

export async function setSequence(tx: Tx, arn: string, sequence: number): Promise<void> {
  await tables(tx).updateTable('sns_topic').set({ sequence }).where('arn', '=', arn).execute();
}

/** With its subscriptions; what is still to be delivered of them finds none, and goes. */
export async function deleteTopic(tx: Tx, arn: string): Promise<void> {
  for (const table of ['sns_subscription', 'sns_deduplication'] as const)
    await tables(tx).deleteFrom(table).where('topic_arn', '=', arn).execute();
  await tables(tx).deleteFrom('sns_topic').where('arn', '=', arn).execute();
}

export async function listTopics(
  db: Db,
  { accountId, region }: Owner,
  { after, limit }: { after: string | undefined; limit: number },
): Promise<string[]> {
  const rows = await tables(db)
    .selectFrom('sns_topic')
    .select('arn')
    .where('account_id', '=', accountId)
    .where('region', '=', region)
    .$if(after !== undefined, (query) => query.where('arn', '>', after ?? ''))
    .orderBy('arn')
    .limit(limit)
    .execute();
  return rows.map(({ arn }) => arn);
}

export async function countTopics(tx: Tx, { accountId, region }: Owner): Promise<number> {
  const row = await tables(tx)
    .selectFrom('sns_topic')
    .select((e) => e.fn.countAll().as('count'))
    .where('account_id', '=', accountId)
    .where('region', '=', region)
    .executeTakeFirst();
  return Number(row?.count ?? 0);
}
