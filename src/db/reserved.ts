import { type DiskReserve, NoRoom } from '../lib/disk-reserve.ts';
import { isStorageFull } from '../lib/storage-full.ts';
import type { OpenDatabase } from './database.ts';

/**
 * An embedded database whose transactions, when they find no room, are tried again with what the database can do without,
 * and then with the reserve of the disk. Who may write when the disk is full is for others to say (src/full-disk.ts).
 */
export function reserved(database: OpenDatabase, reserve: DiskReserve): OpenDatabase {
  const once: OpenDatabase['transaction'] = (...given) => database.transaction(...given);
  return {
    ...database,
    async transaction(work, options) {
      try {
        return await once(work, options);
      } catch (error) {
        if (!mayHelp(error)) throw error;
        reserve.noteFull();
      }
      await database.shrink?.();
      try {
        return await once(work, options);
      } catch (error) {
        if (!mayHelp(error) || !reserve.release()) throw error;
      }
      return once(work, options);
    },
  };
}

/** Whoever asked for room and was refused is not to have the reserve. */
const mayHelp = (error: unknown): boolean => isStorageFull(error) && !(error instanceof NoRoom);
