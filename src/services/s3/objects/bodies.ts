import { hash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { AwsError } from '../../../aws/errors.ts';
import type { ByteRange } from '../../../blobs/blobs.ts';
import type { Platform, ServiceContext } from '../../../kit/service.ts';
import { readSome } from '../../../lib/read-some.ts';
import { openWhole, sealWhole } from '../../../lib/sealed-chunks.ts';
import { badDigest, entityTooLarge, headerNotImplemented } from '../errors.ts';
import { MAX_PUT_BYTES, SMALL_BODY_BYTES } from '../limits.ts';
import { type Algorithm, askedFor, hasherOf } from '../model/checksum.ts';
import type { Encryption, Segment } from '../model/object.ts';
import {
  deleteSmallBodies,
  findSmallBody,
  isSmallBody,
  smallBodyId,
} from '../store/small-bodies.ts';

/** S3's own blobs: what its sweep deletes is only ever in here. */
export const blobsOf = (ctx: Platform) => ctx.blobs.area('s3');

/** Names a body: its segments and, for a multipart upload, the upload itself. */
export const newBodyId = () => randomBytes(32).toString('hex');

export interface StoredBody {
  blob: { id: string; size: number };
  /** The blob itself, where it is a row that commits with its segment. */
  sealed?: Buffer;
  /** Without quotes. MD5 only where the key is S3's own, as on AWS. */
  etag: string;
  /** Base64, of the algorithm that the caller asked for. */
  checksum: { algorithm: Algorithm; value: string } | undefined;
}

/** Encrypts and stores a body, which nothing names until the caller commits it. @throws EntityTooLarge, BadDigest */
export async function storeBody(
  ctx: ServiceContext,
  body: Readable | Uint8Array | undefined,
  dataKey: Uint8Array,
  encryption: Encryption,
  asked: Parameters<typeof askedFor>[0],
): Promise<StoredBody> {
  const checksum = askedFor(asked);
  if (checksum && 'unsupported' in checksum) {
    throw headerNotImplemented(
      'x-amz-checksum-algorithm',
      `The checksum algorithm ${checksum.unsupported}`,
    );
  }
  const meter = new Meter(checksum?.algorithm);
  const source =
    body instanceof Readable
      ? body.iterator({ destroyOnReturn: false })
      : [body ?? Buffer.alloc(0)];
  const { md5, ...stored } = await sealBody(ctx, meter.pass(source), dataKey);
  const value = await meter.digest();
  if (checksum?.expected !== undefined && checksum.expected !== value) {
    await dropBody(ctx, stored);
    throw badDigest(checksum.algorithm);
  }
  return {
    ...stored,
    etag: encryption.algorithm === 'AES256' ? md5 : randomBytes(16).toString('hex'),
    checksum:
      checksum && value !== undefined ? { algorithm: checksum.algorithm, value } : undefined,
  };
}

/** Writes a file, or seals what is to be a row. */
async function sealBody(
  ctx: ServiceContext,
  body: AsyncIterable<Uint8Array>,
  dataKey: Uint8Array,
): Promise<Pick<StoredBody, 'blob' | 'sealed'> & { md5: string }> {
  const read = await readSome(body, SMALL_BODY_BYTES);
  if ('stream' in read) {
    const { md5, ...blob } = await blobsOf(ctx).write(read.stream, dataKey);
    return { blob, md5 };
  }
  const id = smallBodyId(randomBytes(16).toString('hex'));
  return {
    blob: { id, size: read.all.length },
    sealed: sealWhole(id, dataKey, read.all),
    md5: hash('md5', read.all),
  };
}

/** Away with a body that will not be committed. */
async function dropBody(ctx: Platform, { blob, sealed }: Pick<StoredBody, 'blob' | 'sealed'>) {
  if (!sealed) await blobsOf(ctx).delete(blob.id);
}

/** Deletes blobs, rows and files alike; those that are not there are no error. */
export async function deleteBlobs(ctx: Platform, ids: string[]): Promise<void> {
  await ctx.transaction((tx) => deleteSmallBodies(tx, ids.filter(isSmallBody)));
  for (const id of ids) if (!isSmallBody(id)) await blobsOf(ctx).delete(id);
}

/**
 * Commits a stored body; when it is refused, the body goes. After any other failure nobody knows whether the
 * row was committed: then the sweep decides.
 */
export async function committing<T>(
  ctx: ServiceContext,
  stored: StoredBody,
  commit: () => Promise<T>,
): Promise<T> {
  try {
    return await commit();
  } catch (error) {
    if (error instanceof AwsError) await dropBody(ctx, stored);
    throw error;
  }
}

/** Counts and checks what runs through. */
class Meter {
  readonly #hasher: ReturnType<typeof hasherOf> | undefined;
  #size = 0;

  constructor(algorithm: Algorithm | undefined) {
    this.#hasher = algorithm && hasherOf(algorithm);
  }

  async *pass(source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>) {
    for await (const chunk of source) {
      this.#size += chunk.length;
      if (this.#size > MAX_PUT_BYTES) throw entityTooLarge(MAX_PUT_BYTES);
      this.#hasher?.update(chunk);
      yield chunk;
    }
  }

  async digest(): Promise<string | undefined> {
    return this.#hasher && (await this.#hasher.digest()).toString('base64');
  }
}

/** The bytes of a body, or a range of them, over the segments that it consists of. */
export function readBody(
  ctx: Platform,
  segments: Segment[],
  dataKey: Uint8Array,
  range: ByteRange | undefined,
): Readable {
  const pieces = piecesOf(segments, range);
  const [only] = pieces;
  if (only && pieces.length === 1 && !isSmallBody(only.blobId))
    return blobsOf(ctx).read(only.blobId, dataKey, only.range);
  return Readable.from(join(ctx, pieces, dataKey), { objectMode: false });
}

async function* join(ctx: Platform, pieces: ReturnType<typeof piecesOf>, dataKey: Uint8Array) {
  for (const { blobId, range } of pieces) {
    if (isSmallBody(blobId)) yield await readSmall(ctx, blobId, dataKey, range);
    else yield* blobsOf(ctx).read(blobId, dataKey, range);
  }
}

async function readSmall(ctx: Platform, id: string, dataKey: Uint8Array, range?: ByteRange) {
  const sealed = await findSmallBody(ctx.db, id);
  if (!sealed) throw new Error(`The body ${id} is gone.`);
  return openWhole(id, dataKey, sealed).subarray(range?.start, range && range.end + 1);
}

/** Which part of which segments a range covers. */
function piecesOf(
  segments: Segment[],
  range: ByteRange | undefined,
): { blobId: string; range?: ByteRange }[] {
  const pieces: { blobId: string; range?: ByteRange }[] = [];
  let offset = 0;
  for (const { blobId, size } of segments) {
    const start = Math.max(0, (range?.start ?? 0) - offset);
    const end = Math.min(size, (range?.end ?? Number.MAX_SAFE_INTEGER) - offset + 1) - 1;
    const whole = start === 0 && end === size - 1;
    if (start <= end) pieces.push(whole ? { blobId } : { blobId, range: { start, end } });
    offset += size;
  }
  return pieces;
}
