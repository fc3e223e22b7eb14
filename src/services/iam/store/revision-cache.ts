import type { Database } from '../../../db/database.ts';
import { currentRevision } from './tables.ts';

export interface RevisionCache<T> {
  get(key: string): Promise<T | undefined>;
}

/** More than this many entries, and the cache starts anew. */
const MAX_ENTRIES = 10_000;

/**
 * Keeps what `load` reads for as long as IAM has not changed. Each look reads the revision, one row, so that a
 * change made by another server that shares the database holds from the next request on.
 */
export function makeRevisionCache<T>(
  database: Pick<Database, 'db'>,
  load: (key: string) => Promise<T | undefined>,
): RevisionCache<T> {
  let revision = -1;
  let entries = new Map<string, T>();
  return {
    async get(key) {
      const current = await currentRevision(database.db);
      if (current !== revision || entries.size >= MAX_ENTRIES) {
        revision = current;
        entries = new Map();
      }
      const into = entries;
      const known = into.get(key);
      if (known !== undefined) return known;
      const loaded = await load(key);
      // Read after the revision: when IAM changed in between, it is newer than it claims, and read again next time.
      if (loaded !== undefined) into.set(key, loaded);
      return loaded;
    },
  };
}
