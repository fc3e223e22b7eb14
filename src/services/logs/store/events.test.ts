import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { OpenDatabase } from '../../../db/database.ts';
import { eachDialect } from '../../../db/testing.ts';
import { makeVault } from '../../../lib/vault.ts';
import service from '../index.ts';
import { BLOCK_BYTES } from '../limits.ts';
import { blocksOf, extentOf, packEvents } from '../model/blocks.ts';
import { eventId } from '../model/event-id.ts';
import { appendChunks, makeChunks } from './chunks.ts';
import { type EventQuery, readEvents, type StoredEvent } from './events.ts';
import { dataKeyOf, makeDataKey, openChunk, sealChunk } from './sealing.ts';
import { findStream, insertStream } from './streams.ts';
import { type GroupRow, type StreamRow, tables } from './tables.ts';

const OWNER = { accountId: '111111111111', region: 'eu-west-1' };
const KEY = randomBytes(32);
const STREAM = '1234567890123456';
const AT = 1_700_000_000_000;

eachDialect('stored log events', (makeDatabase, dialect, _reopen, place) => {
  let database: OpenDatabase;
  const group = { id: 'g' } as GroupRow;

  beforeEach(async () => {
    const { name, migrations } = service;
    database = await makeDatabase({ service: name, migrations });
    const row: StreamRow = {
      ...{ account_id: OWNER.accountId, region: OWNER.region, group_name: 'web', name: 'a' },
      ...{ id: STREAM, created_at: AT, next_seq: 0, last_offset: -1, stored_bytes: 0 },
      ...{ first_event_at: null, last_event_at: null, last_ingestion_at: null },
    };
    await database.transaction((tx) => insertStream(tx, row));
  });

  async function append(events: { timestamp: number; message: string }[]): Promise<void> {
    const chunks = await makeChunks(events);
    await database.transaction(async (tx) => {
      const stream = (await findStream(tx, OWNER, 'web', 'a')) as StreamRow;
      await appendChunks(tx, { group, stream, key: KEY }, chunks, { now: AT });
    });
  }

  /** The first `count` events, and what was read for them. */
  async function read(query: Partial<EventQuery>, count: number) {
    const found: StoredEvent[] = [];
    let bytes = 0;
    const all = {
      start: 0,
      end: Number.MAX_SAFE_INTEGER,
      descending: false,
      groupId: 'g',
      key: KEY,
    };
    for await (const batch of readEvents(database.db, { ...all, streamIds: [STREAM], ...query })) {
      found.push(...batch.events);
      bytes += batch.bytes;
      if (found.length >= count) break;
    }
    return { messages: found.slice(0, count).map((event) => event.message), bytes };
  }

  it.each([
    ['one millisecond', 0],
    ['a millisecond each', 1],
  ])('a few lines of many cost a few lines: %s', async (_what, step) => {
    const LINES = 20_000;
    const line = (n: number) => ({
      timestamp: AT + n * step,
      message: `line ${n} ${'.'.repeat(90)}`,
    });
    for (let i = 0; i < LINES; i += 5000)
      await append(Array.from({ length: 5000 }, (_, n) => line(i + n)));
    const told = (...lines: number[]) => lines.map((n) => line(n).message);
    const last = await read({ descending: true }, 3);
    expect(last.messages).toEqual(told(LINES - 1, LINES - 2, LINES - 3));
    const first = await read({}, 3);
    expect(first.messages).toEqual(told(0, 1, 2));
    const middle = line(9999);
    const at = { timestamp: middle.timestamp, streamId: STREAM, sequence: 9999 };
    const before = await read({ descending: true, beyond: eventId(at) }, 2);
    expect(before.messages).toEqual(told(9998, 9997));
    const behind = await read({ beyond: eventId(at) }, 2);
    expect(behind.messages).toEqual(told(10_000, 10_001));
    for (const { bytes } of [last, first, before, behind])
      expect(bytes).toBeLessThanOrEqual(2 * BLOCK_BYTES);
  });

  it('nothing of it is found in the database', async () => {
    const secret = 'the password is tr0ub4dor';
    await append([{ timestamp: AT, message: secret }]);
    await append(Array.from({ length: 1000 }, (_, n) => ({ timestamp: AT, message: secret + n })));
    expect((await read({}, 1)).messages).toEqual([secret]);
    const words = ['password', 'tr0ub4dor'];
    const found = (bytes: Uint8Array) => words.filter((w) => Buffer.from(bytes).includes(w));
    const rows = await tables(database.db).selectFrom('logs_chunk').selectAll().execute();
    expect(rows.length).toBeGreaterThan(1);
    expect(rows.flatMap((row) => found(Buffer.from(JSON.stringify(row))))).toEqual([]);
    expect(rows.flatMap((row) => found(row.sealed))).toEqual([]);
    const options = place();
    if (dialect !== 'sqlite' || options.dialect !== 'sqlite') return;
    const directory = dirname(options.file);
    const files = readdirSync(directory);
    expect(files.length).toBeGreaterThan(1);
    expect(files.flatMap((file) => found(readFileSync(join(directory, file))))).toEqual([]);
  });
});

describe('sealed chunks', () => {
  const events = [{ timestamp: AT, message: `compressed ${'.'.repeat(1000)}` }];

  it('open as what they were, under their id and key alone', () => {
    const sealed = sealChunk(KEY, 'a', packEvents(events));
    expect(sealed.length).toBeLessThan(200);
    const [block] = blocksOf(openChunk(KEY, 'a', sealed), extentOf(events));
    expect(block?.open()).toEqual(events);
    expect(() => openChunk(KEY, 'b', sealed)).toThrow();
    expect(() => openChunk(randomBytes(32), 'a', sealed)).toThrow();
    sealed[40] = (sealed[40] ?? 0) ^ 1;
    expect(() => openChunk(KEY, 'a', sealed)).toThrow();
  });

  it("a group's key lies sealed, and opens as that group's alone", () => {
    const vault = makeVault(randomBytes(32));
    const data_key = makeDataKey(vault, 'g');
    expect(dataKeyOf({ vault }, { id: 'g', data_key })).toHaveLength(32);
    expect(() => dataKeyOf({ vault }, { id: 'h', data_key })).toThrow();
    expect(dataKeyOf({ vault }, { id: 'g', data_key: null })).toBeUndefined();
  });
});
