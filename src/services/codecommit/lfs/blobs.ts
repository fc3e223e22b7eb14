import { createHash, randomBytes } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { Platform } from '../../../kit/service.ts';
import { limits } from '../limits.ts';
import { LfsRefusal } from '../model/lfs.ts';
import { deleteObjects, findObject, insertObject, someObjects } from '../store/lfs.ts';

/** The contents of Git LFS's objects: encrypted blobs, each under a key of its own. */

/** CodeCommit's own blobs. */
export const blobsOf = ({ blobs }: Pick<Platform, 'blobs'>) => blobs.area('codecommit');

/** Name of the reconciler that deletes what a server left behind that died before it had named it, and its one key. */
export const LFS_BLOBS = 'codecommit/lfs-blobs';
const UNNAMED = 'unnamed';
/** A row is committed right after its blob; this is far longer. */
export const UNNAMED_AFTER_MS = 60 * 60_000;

/** The content as it comes; fails at its end where it is not what its name says, so that nothing of it is kept. */
async function* checked(body: Readable, oid: string): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const piece of read(body)) {
    bytes += piece.length;
    if (bytes > limits.lfs.object) throw tooLarge();
    hash.update(piece);
    yield piece;
  }
  const found = hash.digest('hex');
  if (found !== oid) throw new LfsRefusal(422, `The content has the SHA-256 ${found}.`);
}

/** A client that goes away in the middle is no failure of ours. @throws LfsRefusal */
async function* read(body: Readable): AsyncGenerator<Uint8Array> {
  try {
    yield* body.iterator({ destroyOnReturn: false });
  } catch {
    throw new LfsRefusal(400, 'The body could not be read.');
  }
}

export const tooLarge = () =>
  new LfsRefusal(413, `An object may have ${limits.lfs.object} bytes at most.`);

/** Keeps an object of a repository; one that it has is left as it is. @throws LfsRefusal */
export async function keepObject(
  platform: Platform,
  { repositoryId, oid, body }: { repositoryId: string; oid: string; body: Readable },
): Promise<void> {
  if (await findObject(platform.db, repositoryId, oid)) {
    body.resume();
    return;
  }
  const now = platform.clock.now();
  await platform.transaction((tx) =>
    platform.engine.wake(tx, LFS_BLOBS, UNNAMED, new Date(now.getTime() + UNNAMED_AFTER_MS)),
  );
  const key = randomBytes(32);
  const blob = await blobsOf(platform).write(checked(body, oid), key);
  const object = { repositoryId, oid, size: blob.size, blobId: blob.id, key };
  const inserted = await platform.transaction((tx) => insertObject(tx, object, now));
  // Somebody was faster with the same content, or the repository has gone.
  if (!inserted) await blobsOf(platform).delete(blob.id);
}

const AT_ONCE = 100;

/** Deletes the objects of a repository that has gone. The rows last: a server that dies in between does it again. */
export async function deleteObjectsOf(platform: Platform, repositoryId: string): Promise<void> {
  for (;;) {
    const some = await someObjects(platform.db, repositoryId, AT_ONCE);
    if (some.length === 0) return;
    for (const { blobId } of some) await blobsOf(platform).delete(blobId);
    const oids = some.map(({ oid }) => oid);
    await platform.transaction((tx) => deleteObjects(tx, repositoryId, oids));
  }
}
