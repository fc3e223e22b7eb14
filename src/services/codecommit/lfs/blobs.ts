import { createHash, randomBytes } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { Tx } from '../../../db/database.ts';
import type { Platform } from '../../../kit/service.ts';
import { limits } from '../limits.ts';
import { LfsRefusal } from '../model/lfs.ts';
import {
  askedAgain,
  deleteObjects,
  findObject,
  insertObject,
  type LfsObject,
  someObjects,
} from '../store/lfs.ts';

/** The contents of Git LFS's objects: encrypted blobs, each under a key of its own. */

/** CodeCommit's own blobs. */
export const blobsOf = ({ blobs }: Pick<Platform, 'blobs'>) => blobs.area('codecommit');

/** Name of the reconciler that deletes what a server left behind that died before it had named it, and its one key. */
export const LFS_BLOBS = 'codecommit/lfs-blobs';
export const UNNAMED = 'unnamed';
/** A row is committed right after its blob; this is far longer. */
export const UNNAMED_AFTER_MS = 60 * 60_000;

/** Name of the reconciler that deletes objects that no commit points to. Its key is the repository id. */
export const LFS_OBJECTS = 'codecommit/lfs-objects';
/** Objects go up before the commits that point to them: a push may be tried again for so long. */
export const UNPOINTED_LIVES_MS = 7 * 24 * 60 * 60_000;

const DAY_MS = 24 * 60 * 60_000;

/**
 * When somebody looks whether an object may go for which was last asked then. A look reads all of a repository: there is one a
 * day at most, whoever uploads what and when, and of different repositories not all at once.
 */
export function lookAt(asked: Date, repositoryId: string): Date {
  const offset = Number.parseInt(repositoryId.slice(0, 7), 16) % DAY_MS || 0;
  const days = Math.ceil((asked.getTime() + UNPOINTED_LIVES_MS + 1 - offset) / DAY_MS);
  return new Date(days * DAY_MS + offset);
}

/** The last look that each server has asked for, by repository: it stays asked for until its time comes. */
const asked = new WeakMap<object, Map<string, number>>();
const MOST_REMEMBERED = 1_000;

/** Does something in a transaction that makes objects which may go one day, and has somebody look for them then. */
async function withLook<T>(
  { engine, transaction }: Platform,
  { repositoryId, now }: { repositoryId: string; now: Date },
  work: (tx: Tx) => Promise<T>,
): Promise<T> {
  const at = lookAt(now, repositoryId);
  const known = asked.get(engine) ?? new Map<string, number>();
  const isAsked = known.get(repositoryId) === at.getTime();
  const result = await transaction(async (tx) => {
    if (!isAsked) await engine.wake(tx, LFS_OBJECTS, repositoryId, at);
    return await work(tx);
  });
  if (known.size >= MOST_REMEMBERED) known.clear();
  asked.set(engine, known.set(repositoryId, at.getTime()));
  return result;
}

/** When each server has last asked for a look at what is left behind. */
const looksAt = new WeakMap<object, number>();

/** Lets somebody look for what this upload leaves behind, should it be cut off: one look serves all of half an hour. */
async function lookLater({ clock, engine, transaction }: Platform): Promise<void> {
  const now = clock.now().getTime();
  const next = looksAt.get(engine);
  // A clock may be set back: one that is far ahead is none.
  const isSoon =
    next !== undefined && Math.abs(next - now - UNNAMED_AFTER_MS) < UNNAMED_AFTER_MS / 2;
  if (isSoon) return;
  const at = now + UNNAMED_AFTER_MS;
  await transaction((tx) => engine.wake(tx, LFS_BLOBS, UNNAMED, new Date(at)));
  looksAt.set(engine, at);
}

const placeOf = (oid: string) => `lfs/${oid}`;

/** The key with which an object is encrypted. */
export const keyOf = async (
  { git }: Pick<Platform, 'git'>,
  { repositoryId, oid, sealedKey, plainKey }: LfsObject,
): Promise<Uint8Array> => {
  if (sealedKey) return await git.openFor(repositoryId, placeOf(oid), sealedKey);
  if (!plainKey) throw new Error(`The object ${oid} has no key`);
  return plainKey;
};

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

/** Keeps an object of a repository; one that it has is left as it is, and is as young as a new one. @throws LfsRefusal */
export async function keepObject(
  platform: Platform,
  { repositoryId, oid, body }: { repositoryId: string; oid: string; body: Readable },
): Promise<void> {
  const isThere = await platform.transaction(async (tx) => {
    await askedAgain(tx, repositoryId, [oid], platform.clock.now());
    return (await findObject(tx, repositoryId, oid)) !== undefined;
  });
  if (isThere) {
    body.resume();
    return;
  }
  await lookLater(platform);
  const key = randomBytes(32);
  const sealedKey = await platform.git.sealFor(repositoryId, placeOf(oid), key);
  const blob = await blobsOf(platform).write(checked(body, oid), key);
  // A long one may have outlived the look that was asked for.
  await lookLater(platform);
  const object = { repositoryId, oid, size: blob.size, blobId: blob.id, sealedKey };
  const now = platform.clock.now();
  const inserted = await withLook(platform, { repositoryId, now }, (tx) =>
    insertObject(tx, object, now),
  );
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
