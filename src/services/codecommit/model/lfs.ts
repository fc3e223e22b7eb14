import { isReferenceName, isTreePath } from '../../../git/names.ts';
import { limits } from '../limits.ts';

/**
 * What clients of Git LFS say and are told: https://github.com/git-lfs/git-lfs/blob/main/docs/api/batch.md and locking.md.
 * Pure. What is read here comes from outside and is looked at member by member.
 */

/** A file's content: the SHA-256 of it, in hex, and its length in bytes. */
export interface Pointer {
  oid: string;
  size: number;
}

export type LfsOperation = 'download' | 'upload';

export interface Batch {
  operation: LfsOperation;
  /** Full name of the reference for which it is. */
  reference: string | undefined;
  /** `undefined` of what is no pointer, with what it says for one. */
  objects: { given: { oid: string; size: number }; pointer: Pointer | undefined }[];
}

/** Why a request cannot be answered, with the status that the protocol has for it. */
export class LfsRefusal extends Error {
  override name = 'LfsRefusal';
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const malformed = (what: string) => new LfsRefusal(422, `${what}.`);

const OBJECT_ID = /^[0-9a-f]{64}$/;
export const isLfsId = (text: string): boolean => OBJECT_ID.test(text);

type Fields = Record<string, unknown>;

/** The members of a JSON object. @throws LfsRefusal */
function fieldsOf(value: unknown, what: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw malformed(`${what} is no object`);
  return value as Fields;
}

/** @throws LfsRefusal 400 for what is no JSON */
export function parseJson(text: string): Fields {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new LfsRefusal(400, 'The body is no JSON.');
  }
  return fieldsOf(value, 'The body');
}

/** @throws LfsRefusal */
export function pointerOf({ oid, size }: Fields): Pointer {
  if (typeof oid !== 'string' || !isLfsId(oid)) throw malformed('oid is no SHA-256 in hex');
  if (!Number.isSafeInteger(size) || (size as number) < 0) throw malformed('size is no length');
  return { oid, size: size as number };
}

/** The reference that a request names, which policies may ask for. @throws LfsRefusal */
export function referenceOf({ ref }: Fields): string | undefined {
  if (ref === undefined || ref === null) return undefined;
  const { name } = fieldsOf(ref, 'ref');
  if (name === undefined || name === '') return undefined;
  if (typeof name !== 'string' || !isReferenceName(name))
    throw malformed('ref.name is no full name of a reference');
  return name;
}

/** @throws LfsRefusal */
export function parseBatch(body: Fields): Batch {
  const { operation, transfers, objects, hash_algo: hash = 'sha256' } = body;
  if (operation !== 'download' && operation !== 'upload')
    throw malformed('operation is neither download nor upload');
  if (hash !== 'sha256') throw new LfsRefusal(409, 'Objects are named by their SHA-256.');
  if (transfers !== undefined && !(Array.isArray(transfers) && transfers.includes('basic')))
    throw malformed('The transfer adapter "basic" is not among transfers');
  if (!Array.isArray(objects)) throw malformed('objects is no list');
  if (objects.length > limits.lfs.batch)
    throw new LfsRefusal(413, `A batch may have ${limits.lfs.batch} objects at most.`);
  return {
    operation,
    reference: referenceOf(body),
    objects: objects.map((one) => {
      const fields = fieldsOf(one, 'An object');
      return { given: shown(fields), pointer: orNone(fields) };
    }),
  };
}

function orNone(fields: Fields): Pointer | undefined {
  try {
    return pointerOf(fields);
  } catch (error) {
    if (error instanceof LfsRefusal) return undefined;
    throw error;
  }
}

const shown = ({ oid, size }: Fields) => ({
  oid: typeof oid === 'string' ? oid.slice(0, 64) : '',
  size: Number.isSafeInteger(size) ? (size as number) : 0,
});

/** No pointer is longer: https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md */
export const MOST_POINTER_BYTES = 1024;

/**
 * The object that a file of a commit stands for, where it is a pointer. Clients are not strict: they take white space around one,
 * and several versions. What might be one counts, since an object to which nothing points goes.
 */
export function pointedBy(content: Buffer): string | undefined {
  const text = content.length <= MOST_POINTER_BYTES ? content.toString('latin1') : '';
  return /\boid sha256:([0-9a-f]{64})(?![0-9a-z])/.exec(text)?.[1];
}

/** Where a client finds what it does with an object. */
export interface Action {
  href: string;
  header?: Record<string, string>;
  expires_in?: number;
}

export interface BatchAnswer {
  oid: string;
  size: number;
  authenticated?: true;
  actions?: Record<string, Action>;
  error?: { code: number; message: string };
}

/**
 * What a client is told to do with each object of a batch.
 * @param kept sizes of the objects that the repository has
 * @param at the URL of one
 */
export function answerBatch(
  { operation, objects }: Batch,
  kept: ReadonlyMap<string, number>,
  actionAt: (path: string) => Action,
): BatchAnswer[] {
  return objects.map(({ given, pointer }) => {
    const refused = (code: number, message: string) => ({ ...given, error: { code, message } });
    if (!pointer) return refused(422, 'It is no SHA-256 in hex with a length.');
    const { oid, size } = pointer;
    const its = kept.get(oid);
    if (its !== undefined && its !== size) return refused(422, `The object has ${its} bytes.`);
    const actions = (more: Record<string, Action>) => ({ oid, size, actions: more });
    if (operation === 'download') {
      if (its === undefined) return refused(404, 'There is no such object.');
      return actions({ download: actionAt(`objects/${oid}`) });
    }
    // Without an action the client has nothing to do: the object is there.
    if (its !== undefined) return { oid, size };
    if (size > limits.lfs.object)
      return refused(422, `An object may have ${limits.lfs.object} bytes at most.`);
    return actions({
      upload: actionAt(`objects/${oid}`),
      verify: actionAt('objects/verify'),
    });
  });
}

/** The path that a lock is for. @throws LfsRefusal */
export function lockedPath({ path }: Fields): string {
  if (typeof path !== 'string' || Buffer.byteLength(path) > limits.lfs.path || !isTreePath(path))
    throw malformed('path is no path of a file');
  return path;
}

/** How many locks a page has. @throws LfsRefusal */
export function pageSize(limit: unknown): number {
  if (limit === undefined || limit === '') return limits.lfs.locksPage;
  const count = Number(limit);
  if (!Number.isSafeInteger(count) || count < 0) throw malformed('limit is no number');
  return count === 0 ? limits.lfs.locksPage : Math.min(count, limits.lfs.locksPage);
}

export interface Lock {
  lockId: string;
  path: string;
  ownerArn: string;
  /** The unique id of the owner; locks of an earlier version have none. */
  ownerId?: string;
  locked: Date;
}

/**
 * Whose a lock is: a user's by his unique id, which a new user of the same name does not have; a session's by that of its role
 * with the session's name. A role is what many act under, and the session's name says who, as in pull requests and approvals.
 */
export const isOwnedBy = (
  { ownerArn, ownerId }: Pick<Lock, 'ownerArn' | 'ownerId'>,
  { arn, userId }: { arn: string; userId: string },
): boolean => (ownerId === undefined ? ownerArn === arn : ownerId === userId);

/** As clients see it. */
export const lockView = ({ lockId: id, path, ownerArn, locked }: Lock) => ({
  ...{ id, path, locked_at: locked.toISOString() },
  owner: { name: nameOf(ownerArn) },
});

/** `mary` of `arn:aws:iam::111111111111:user/mary`. */
const nameOf = (arn: string) => arn.slice(Math.max(arn.lastIndexOf('/'), arn.lastIndexOf(':')) + 1);
