import { behind } from '../../../db/behind.ts';
import type { Db, Tx } from '../../../db/database.ts';
import { decodeJson, encodeJson } from '../../../lib/json.ts';
import { type BusEvent, readEvent } from '../model/event.ts';
import { revisions } from './revisions.ts';
import { type EventsTables, type Owner, tables } from './tables.ts';

export interface Archive {
  accountId: string;
  region: string;
  name: string;
  id: string;
  bus: string;
  arn: string;
  description?: string;
  pattern?: string;
  /** For ever without. */
  retentionDays?: number;
  createdAt: Date;
}

type ArchiveBody = Omit<Archive, 'accountId' | 'region' | 'name' | 'id' | 'bus'>;

const archiveOf = (row: EventsTables['events_archive']): Archive => ({
  ...{ accountId: row.account_id, region: row.region, name: row.name, id: row.id, bus: row.bus },
  ...decodeJson<ArchiveBody>(row.body),
});

const owned = (db: Db | Tx, { accountId, region }: Owner) =>
  tables(db)
    .selectFrom('events_archive')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('region', '=', region);

export async function findArchive(
  db: Db | Tx,
  owner: Owner,
  name: string,
): Promise<Archive | undefined> {
  const row = await owned(db, owner).where('name', '=', name).executeTakeFirst();
  return row && archiveOf(row);
}

export async function listArchives(db: Db | Tx, owner: Owner): Promise<Archive[]> {
  return (await owned(db, owner).execute()).map(archiveOf);
}

/** Those of all accounts that keep events for some time only. */
export async function listAllArchives(db: Db | Tx): Promise<Archive[]> {
  return (await tables(db).selectFrom('events_archive').selectAll().execute()).map(archiveOf);
}

export async function saveArchive(tx: Tx, archive: Archive): Promise<void> {
  const { accountId: account_id, region, name, id, bus, ...its } = archive;
  const body = encodeJson(its);
  await tables(tx)
    .insertInto('events_archive')
    .values({ account_id, region, name, id, bus, body })
    .onConflict((c) => c.columns(['account_id', 'region', 'name']).doUpdateSet({ body }))
    .execute();
  await revisions.changed(tx, archive);
}

export async function deleteArchive(tx: Tx, archive: Archive): Promise<void> {
  await tables(tx).deleteFrom('events_archived').where('archive_id', '=', archive.id).execute();
  await tables(tx).deleteFrom('events_archive').where('id', '=', archive.id).execute();
  await revisions.changed(tx, archive);
}

/** Keeps an event in archives. @param at when it came */
export async function archive(
  tx: Tx,
  ids: readonly string[],
  event: BusEvent,
  at: Date,
): Promise<void> {
  const text = JSON.stringify(event);
  const its = { at: at.getTime(), event_id: event.id, bytes: Buffer.byteLength(text), event: text };
  for (const archive_id of ids)
    await tables(tx)
      .insertInto('events_archived')
      .values({ archive_id, ...its })
      .onConflict((c) => c.columns(['archive_id', 'at', 'event_id']).doNothing())
      .execute();
}

export async function sizeOfArchive(
  db: Db | Tx,
  id: string,
): Promise<{ count: number; bytes: number }> {
  const row = await tables(db)
    .selectFrom('events_archived')
    .select(({ fn }) => [fn.countAll().as('count'), fn.sum('bytes').as('bytes')])
    .where('archive_id', '=', id)
    .executeTakeFirst();
  return { count: Number(row?.count ?? 0), bytes: Number(row?.bytes ?? 0) };
}

/** Where in an archive one is: times are epoch ms. */
export type ArchiveKey = readonly [at: number, eventId: string];

/** The oldest events first, from behind `after` on, before `end` (epoch ms). */
export async function readArchive(
  db: Db | Tx,
  id: string,
  { start, end, after }: { start: number; end: number; after: ArchiveKey | undefined },
  limit: number,
): Promise<{ key: ArchiveKey; event: BusEvent }[]> {
  const rows = await tables(db)
    .selectFrom('events_archived')
    .selectAll()
    .where('archive_id', '=', id)
    .where('at', '>=', start)
    .where('at', '<', end)
    .where(behind(['at', 'event_id'], 'asc', after))
    .orderBy('at')
    .orderBy('event_id')
    .limit(limit)
    .execute();
  return rows.map(({ at, event_id, event }) => ({
    key: [at, event_id],
    event: readEvent(event),
  }));
}

/** @param before epoch ms */
export async function expireArchived(tx: Tx, id: string, before: number): Promise<void> {
  await tables(tx)
    .deleteFrom('events_archived')
    .where('archive_id', '=', id)
    .where('at', '<', before)
    .execute();
}
