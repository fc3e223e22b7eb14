import type { Db, Tx } from '../../../db/database.ts';

export type Tables = {
  /** Events of one account and region, noted one after the other. */
  cloudtrail_chunk: {
    account_id: string;
    region: string;
    id: string;
    /** Of its events, epoch milliseconds. */
    first_at: number;
    last_at: number;
    /** Of its events as text, in characters. */
    length: number;
    /** One StoredEvent a line, as `model/pack.ts` packs them. */
    body: string;
  };
  /** What some event in a chunk is found by. */
  cloudtrail_attribute: {
    account_id: string;
    region: string;
    name: string;
    value: string;
    chunk_id: string;
  };
};

export const tables = (db: Db | Tx) => db.withTables<Tables>();
