import type { Db, Tx } from '../../../db/database.ts';
import { decodeJson, encodeJson } from '../../../lib/json.ts';
import { EVENTS_MS } from '../limits.ts';
import type { Severity } from '../model/events.ts';
import { type Owner, tables } from './tables.ts';

interface Body {
  severity: Severity;
  message: string;
  version?: string;
  template?: string;
  stack?: string;
  requestId?: string;
}

export interface StoredEvent extends Owner, Body {
  at: number;
  /** Orders those of one moment. */
  id: string;
  application: string;
  environmentId?: string;
  environmentName?: string;
}

export async function insertEvents(tx: Tx, events: readonly StoredEvent[]): Promise<void> {
  const [first] = events;
  if (!first) return;
  await tables(tx)
    .insertInto('elasticbeanstalk_event')
    .values(
      events.map(
        ({ accountId, region, at, id, application, environmentId, environmentName, ...body }) => ({
          ...{ account_id: accountId, region, at, id, application },
          ...{ environment_id: environmentId ?? null, environment_name: environmentName ?? null },
          body: encodeJson(body satisfies Body),
        }),
      ),
    )
    .execute();
  await tables(tx)
    .deleteFrom('elasticbeanstalk_event')
    .where('account_id', '=', first.accountId)
    .where('region', '=', first.region)
    .where('at', '<', first.at - EVENTS_MS)
    .execute();
}

export interface EventQuery {
  application?: string | undefined;
  environmentId?: string | undefined;
  environmentName?: string | undefined;
  from?: Date | undefined;
  to?: Date | undefined;
}

/** The newest first. */
export async function listEvents(
  db: Db | Tx,
  { accountId, region }: Owner,
  asked: EventQuery,
): Promise<StoredEvent[]> {
  let query = tables(db)
    .selectFrom('elasticbeanstalk_event')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('region', '=', region);
  if (asked.application !== undefined) query = query.where('application', '=', asked.application);
  if (asked.environmentId !== undefined)
    query = query.where('environment_id', '=', asked.environmentId);
  if (asked.environmentName !== undefined)
    query = query.where('environment_name', '=', asked.environmentName);
  if (asked.from) query = query.where('at', '>=', asked.from.getTime());
  if (asked.to) query = query.where('at', '<=', asked.to.getTime());
  const rows = await query.orderBy('at', 'desc').orderBy('id', 'desc').execute();
  return rows.map((row) => ({
    ...{ accountId, region, at: row.at, id: row.id, application: row.application },
    ...(row.environment_id !== null && { environmentId: row.environment_id }),
    ...(row.environment_name !== null && { environmentName: row.environment_name }),
    ...decodeJson<Body>(row.body),
  }));
}
