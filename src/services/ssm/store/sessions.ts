import { behind } from '../../../db/behind.ts';
import type { Db, Tx } from '../../../db/database.ts';
import { decodeJson, encodeJson } from '../../../lib/json.ts';
import type { Session } from '../model/session.ts';

interface SessionRow {
  session_id: string;
  account_id: string;
  region: string;
  status: Session['status'];
  started_at: number;
  /** Of the token that opens its channel, until it has been shown. */
  token_digest: string | null;
  token_until: number;
  /** When its server last said that it has it; null before it was connected. */
  seen_at: number | null;
  ended_at: number | null;
  body: string;
}

/** What is no column. */
type SessionBody = Pick<Session, 'target' | 'documentName' | 'owner' | 'command' | 'reason'>;

const tables = (db: Db | Tx) => db.withTables<{ ssm_session: SessionRow }>();

export interface NewToken {
  digest: string;
  /** Epoch milliseconds. */
  until: number;
}

export async function insertSession(tx: Tx, session: Session, token: NewToken): Promise<void> {
  const { sessionId, accountId, region, status, startedAt, tokenUntil: _, ...body } = session;
  await tables(tx)
    .insertInto('ssm_session')
    .values({
      session_id: sessionId,
      ...{ account_id: accountId, region, status, started_at: startedAt },
      ...{ token_digest: token.digest, token_until: token.until },
      ...{ seen_at: null, ended_at: null },
      body: encodeJson(body),
    })
    .execute();
}

export async function findSession(db: Db | Tx, sessionId: string): Promise<Session | undefined> {
  const row = await tables(db)
    .selectFrom('ssm_session')
    .selectAll()
    .where('session_id', '=', sessionId)
    .executeTakeFirst();
  return row && sessionOf(row);
}

/** Takes a token, which opens a channel once. @returns the session as it was, or undefined where the token is none of its own */
export async function takeToken(
  tx: Tx,
  sessionId: string,
  digest: string,
  now: number,
): Promise<Session | undefined> {
  const taken = await tables(tx)
    .updateTable('ssm_session')
    .set({ token_digest: null })
    .where('session_id', '=', sessionId)
    .where('token_digest', '=', digest)
    .where('token_until', '>', now)
    .where('status', '!=', 'Terminated')
    .executeTakeFirst();
  return Number(taken.numUpdatedRows) > 0 ? findSession(tx, sessionId) : undefined;
}

export async function setToken(tx: Tx, sessionId: string, token: NewToken): Promise<void> {
  await tables(tx)
    .updateTable('ssm_session')
    .set({ token_digest: token.digest, token_until: token.until })
    .where('session_id', '=', sessionId)
    .execute();
}

/** What is over stays over. @param at epoch milliseconds */
export async function setStatus(
  tx: Tx,
  sessionId: string,
  status: Session['status'],
  at: number,
): Promise<void> {
  const over = { token_digest: null, ended_at: at };
  await tables(tx)
    .updateTable('ssm_session')
    .set({ status, ...(status === 'Terminated' ? over : { seen_at: at }) })
    .where('session_id', '=', sessionId)
    .where('status', '!=', 'Terminated')
    .execute();
}

/** Its server has it still. */
export async function noteSeen(tx: Tx, sessionId: string, at: number): Promise<void> {
  await tables(tx)
    .updateTable('ssm_session')
    .set({ seen_at: at })
    .where('session_id', '=', sessionId)
    .execute();
}

/** At most `limit` sessions of an account in a region, the last first, from behind `after` on. */
export async function listSessions(
  db: Db,
  { accountId, region }: Pick<Session, 'accountId' | 'region'>,
  after: readonly [number, string] | undefined,
  limit: number,
): Promise<Session[]> {
  const rows = await tables(db)
    .selectFrom('ssm_session')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('region', '=', region)
    .where(behind(['started_at', 'session_id'], 'desc', after))
    .orderBy('started_at', 'desc')
    .orderBy('session_id', 'desc')
    .limit(limit)
    .execute();
  return rows.map(sessionOf);
}

export async function forgetSessions(tx: Tx, before: number): Promise<void> {
  await tables(tx).deleteFrom('ssm_session').where('started_at', '<', before).execute();
}

function sessionOf(row: SessionRow): Session {
  return {
    sessionId: row.session_id,
    accountId: row.account_id,
    region: row.region,
    status: row.status,
    startedAt: Number(row.started_at),
    tokenUntil: row.token_digest === null ? 0 : Number(row.token_until),
    ...(row.seen_at !== null && { seenAt: Number(row.seen_at) }),
    ...(row.ended_at !== null && { endedAt: Number(row.ended_at) }),
    ...decodeJson<SessionBody>(row.body),
  };
}
