import type { Db, Tx } from '../../../db/database.ts';

export type SnsTables = {
  sns_topic: {
    arn: string;
    account_id: string;
    region: string;
    name: string;
    sequence: number;
    deleted_subscriptions: number;
    body: string;
  };
  sns_subscription: {
    arn: string;
    topic_arn: string;
    account_id: string;
    region: string;
    protocol: string;
    endpoint: string;
    token_hash: string | null;
    /** Epoch ms. */
    expires_at: number | null;
    lane: string;
    body: string;
  };
  sns_message: { id: string; body: string };
  sns_delivery: {
    subscription_arn: string;
    message_id: string;
    place: string;
    group_key: string;
    /** Epoch ms. */
    due_at: number;
    attempts: number;
    body: string;
  };
  sns_deduplication: {
    topic_arn: string;
    key_hash: string;
    message_id: string;
    sequence_number: string;
    /** Epoch ms. */
    expires_at: number;
  };
  sns_signer: { name: string; sealed_key: string };
};

export const tables = (db: Db | Tx) => db.withTables<SnsTables>();

/** Whose: every list names both. */
export interface Owner {
  accountId: string;
  region: string;
}
