import type { Tx } from '../../db/database.ts';
import { decodeJson, encodeJson } from '../../lib/json.ts';
import type { Session, SessionData } from '../session/session.ts';
import { tables } from './tables.ts';

export async function findSession(tx: Tx, id: string): Promise<Session | undefined> {
  const row = await tables(tx)
    .selectFrom('console_session')
    .selectAll()
    .where('id', '=', id)
    .executeTakeFirst();
  return (
    row && {
      ...{ id, accountId: row.account_id, principalId: row.principal_id },
      expiresAt: new Date(row.expires_at),
      data: decodeJson<SessionData>(row.data),
    }
  );
}

export async function insertSession(tx: Tx, session: Session): Promise<void> {
  const row = {
    ...{ id: session.id, account_id: session.accountId, principal_id: session.principalId },
    ...{ expires_at: session.expiresAt.getTime(), data: encodeJson(session.data) },
  };
  await tables(tx).insertInto('console_session').values(row).execute();
}

/**
 * Changes what is kept of a session as it is by now, whatever it was when the request came.
 * @returns what is kept then; undefined where it has ended
 */
export async function updateSession(
  tx: Tx,
  id: string,
  change: (data: SessionData) => SessionData,
): Promise<SessionData | undefined> {
  const session = await findSession(tx, id);
  if (!session) return undefined;
  const data = change(session.data);
  await tables(tx)
    .updateTable('console_session')
    .set({ data: encodeJson(data) })
    .where('id', '=', id)
    .execute();
  return data;
}

export async function deleteSession(tx: Tx, id: string): Promise<void> {
  await tables(tx).deleteFrom('console_session').where('id', '=', id).execute();
}

/** Those that have ended, and of one principal all but the last `most`. */
export async function deleteOldSessions(
  tx: Tx,
  { now, principalId, most }: { now: Date; principalId: string; most: number },
): Promise<void> {
  await tables(tx).deleteFrom('console_session').where('expires_at', '<=', now.getTime()).execute();
  const old = await tables(tx)
    .selectFrom('console_session')
    .select('id')
    .where('principal_id', '=', principalId)
    .orderBy('expires_at', 'desc')
    .orderBy('id')
    .offset(most)
    .limit(1000)
    .execute();
  if (old.length === 0) return;
  const ids = old.map(({ id }) => id);
  await tables(tx).deleteFrom('console_session').where('id', 'in', ids).execute();
}
