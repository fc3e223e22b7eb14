import type { Readable } from 'node:stream';
import type { Pointer } from './pointers.ts';

/** A place that has contents of Git LFS. */
export interface LfsStore {
  /** What it is, for people. */
  name: string;
  /** Those of some contents that it has. */
  has(pointers: readonly Pointer[]): Promise<Map<string, Transfer>>;
  /** Those that it has not, and would take. @throws Error in its own words for what it does not take */
  lacks(pointers: readonly Pointer[]): Promise<Map<string, Transfer<[Readable]>>>;
}

/** Gets one content from there, or brings it. */
export type Transfer<A extends unknown[] = []> = (
  ...given: A
) => Promise<A extends [] ? Readable : void>;

export interface Moved {
  /** Contents that were brought, those that were there already among them. */
  objects: number;
  /** Pointers to what is not at the source. */
  missing: string[];
}

/** As many as clients of LFS ask about at once. */
const AT_ONCE = 100;

/** Brings contents from one place to another, one after the other, each streamed. */
export async function moveObjects(
  from: LfsStore,
  to: LfsStore,
  pointers: readonly Pointer[],
): Promise<Moved> {
  const moved: Moved = { objects: 0, missing: [] };
  for (let start = 0; start < pointers.length; start += AT_ONCE) {
    const some = pointers.slice(start, start + AT_ONCE);
    const lacking = await to.lacks(some);
    moved.objects += some.length - lacking.size;
    const wanted = some.filter(({ oid }) => lacking.has(oid));
    const there = wanted.length > 0 ? await from.has(wanted) : new Map();
    for (const { oid } of wanted) {
      const get = there.get(oid);
      if (!get) {
        moved.missing.push(oid);
        continue;
      }
      const content: Readable = await get();
      try {
        await lacking.get(oid)?.(content);
      } finally {
        content.destroy();
      }
      moved.objects += 1;
    }
  }
  return moved;
}
