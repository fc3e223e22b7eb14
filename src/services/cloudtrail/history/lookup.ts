import type { Db } from '../../../db/database.ts';
import type { StoredEvent } from '../model/event.ts';
import { timeOf } from '../model/event-id.ts';
import { type Lookup, matches, withinTime } from '../model/lookup.ts';
import { unpack } from '../model/pack.ts';
import {
  type ChunkFacts,
  chunkBody,
  listChunks,
  type Owner,
  type Wanted,
} from '../store/chunks.ts';

/** In each chunk that is listed there is something to find, but for those at the ends of the time that was asked for. */
const CHUNKS_AT_ONCE = 100;

/** At most `count` events that a caller looks for, the newest first, from behind the one with id `after` on. */
export async function findEvents(
  db: Db,
  owner: Owner,
  lookup: Lookup,
  after: string | undefined,
  count: number,
): Promise<StoredEvent[]> {
  for (;;) {
    const found = await tryToFind(db, owner, lookup, after, count);
    if (found) return found;
  }
}

/** @returns undefined when a chunk has been merged with others meanwhile: what is there has to be listed anew */
async function tryToFind(
  db: Db,
  owner: Owner,
  lookup: Lookup,
  after: string | undefined,
  count: number,
): Promise<StoredEvent[] | undefined> {
  const time = withinTime(lookup);
  if (!time) return [];
  const [from, last] = time;
  const to = Math.min(last, (after && timeOf(after)) || last);
  const { attribute } = lookup;
  const wanted: Wanted = {
    ...{ from, to },
    ...(attribute &&
      attribute.key !== 'EventId' && { attribute: [attribute.key, attribute.value] }),
  };
  const isWanted = (event: StoredEvent) => {
    const at = timeOf(event.id) ?? 0;
    if (at < from || at > to || (after !== undefined && event.id >= after)) return false;
    return matches(lookup, event);
  };
  const found: StoredEvent[] = [];
  let behind: ChunkFacts | undefined;
  for (;;) {
    const chunks = await listChunks(db, owner, wanted, behind, CHUNKS_AT_ONCE);
    for (const chunk of chunks) {
      // Later chunks hold nothing newer than this one does: what is newer than that, and enough, is the answer.
      if (isEnough(found, count, chunk.lastAt)) return newest(found, count);
      const body = await chunkBody(db, owner, chunk.id);
      if (body === undefined) return undefined;
      for (const event of await unpack(body)) if (isWanted(event)) found.push(event);
    }
    behind = chunks.at(-1);
    if (chunks.length < CHUNKS_AT_ONCE) return newest(found, count);
  }
}

function isEnough(found: StoredEvent[], count: number, lastAt: number): boolean {
  if (found.length < count) return false;
  let newer = 0;
  for (const { id } of found) if ((timeOf(id) ?? 0) > lastAt) newer += 1;
  return newer >= count;
}

function newest(found: StoredEvent[], count: number): StoredEvent[] {
  return found.sort((a, b) => (a.id < b.id ? 1 : -1)).slice(0, count);
}
