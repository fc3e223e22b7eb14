import { randomUUID } from 'node:crypto';
import type { WireResponse } from '../../../aws/http.ts';
import type { Route } from '../../../kit/service.ts';
import { limits } from '../limits.ts';
import { isOwnedBy, LfsRefusal, type Lock, lockedPath, lockView, pageSize } from '../model/lfs.ts';
import { countLocks, deleteLock, insertLock, listLocks } from '../store/lfs.ts';
import { type Asked, bodyFor, json, type LfsCall, lfsRoute } from './route.ts';

/** Locks of Git LFS: who has one is told to others before they push; nothing else is refused by it. */

const byText = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined);

const create = lfsRoute('POST', 'locks', bodyFor('upload'), async (its): Promise<WireResponse> => {
  const { platform, record, caller, asked } = its;
  const { repositoryId } = record;
  const path = lockedPath(asked.what);
  const lock: Lock = {
    ...{ lockId: randomUUID(), path },
    ...{ ownerArn: caller.principal.arn, ownerId: caller.principal.userId },
    locked: platform.clock.now(),
  };
  const before = await platform.transaction(async (tx) => {
    const [other] = await listLocks(tx, { repositoryId, path, limit: 1 });
    if (other) return other;
    if ((await countLocks(tx, repositoryId)) >= limits.lfs.locks)
      throw new LfsRefusal(422, `A repository may have ${limits.lfs.locks} locks at most.`);
    await insertLock(tx, repositoryId, lock);
    return undefined;
  });
  return before
    ? json(409, { lock: lockView(before), message: 'There is such a lock already.' })
    : json(201, { lock: lockView(lock) });
});

interface Page {
  cursor?: unknown;
  limit?: unknown;
  path?: string | undefined;
  lockId?: string | undefined;
}

async function pageOf({ platform, record }: LfsCall<unknown>, { cursor, limit, ...by }: Page) {
  const size = pageSize(limit);
  const given = byText(cursor);
  const after = given === undefined ? undefined : Buffer.from(given, 'base64url').toString();
  // PostgreSQL takes no NUL, and no path has one.
  if (after?.includes('\0')) throw new LfsRefusal(422, 'cursor is none of ours.');
  const { repositoryId } = record;
  const found = await listLocks(platform.db, { repositoryId, ...by, after, limit: size + 1 });
  const locks = found.slice(0, size);
  const last = found.length > size ? locks.at(-1) : undefined;
  return { locks, next: last && { next_cursor: Buffer.from(last.path).toString('base64url') } };
}

const list = lfsRoute(
  'GET',
  'locks',
  async ({ request }): Promise<Asked<URLSearchParams>> => {
    return { operation: 'download', what: new URLSearchParams(request.query) };
  },
  async (its) => {
    const { what } = its.asked;
    const texts = ['path', 'id'].map((name) => byText(what.get(name)));
    if (texts.some((text) => text?.includes('\0'))) return json(200, { locks: [] });
    const [path, lockId] = texts;
    const { locks, next } = await pageOf(its, {
      ...{ cursor: what.get('cursor'), limit: what.get('limit') ?? undefined, path, lockId },
    });
    return json(200, { locks: locks.map(lockView), ...next });
  },
);

/** Whose locks there are, for who is about to push. */
const verify = lfsRoute('POST', 'locks/verify', bodyFor('upload'), async (its) => {
  const { locks, next } = await pageOf(its, its.asked.what);
  const isOurs = (lock: Lock) => isOwnedBy(lock, its.caller.principal);
  return json(200, {
    ours: locks.filter(isOurs).map(lockView),
    theirs: locks.filter((one) => !isOurs(one)).map(lockView),
    ...next,
  });
});

const unlock = lfsRoute('POST', 'locks/{id}/unlock', bodyFor('upload'), async (its) => {
  const { platform, call, record, caller, asked } = its;
  const { id: lockId = '' } = call.labels;
  const { repositoryId } = record;
  const lock = await platform.transaction(async (tx) => {
    const [found] = await listLocks(tx, { repositoryId, lockId, limit: 1 });
    if (!found) throw new LfsRefusal(404, 'There is no such lock.');
    if (!isOwnedBy(found, caller.principal) && asked.what.force !== true)
      throw new LfsRefusal(403, `The lock is ${lockView(found).owner.name}'s: --force takes it.`);
    await deleteLock(tx, repositoryId, lockId);
    return found;
  });
  return json(200, { lock: lockView(lock) });
});

// biome-ignore lint/suspicious/noExplicitAny: each route has subjects of its own
export const lockRoutes: Route<any>[] = [create, list, verify, unlock];
