import { Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import { S3Client } from '@aws-sdk/client-s3';
import { uploadStream } from '../../../kit/s3-upload.ts';
import { isRefusal } from '../../../lib/refusal.ts';
import { S3_LOG_MS } from '../limits.ts';
import { mask, readyBytes } from '../model/mask.ts';
import { s3LogPlace } from '../model/s3-log.ts';
import { ownersAcl, sealingOf } from './artifact-objects.ts';
import { ownLines } from './log-writer.ts';
import { clientOf, type Session, secretTexts, uuidOf } from './session.ts';

/** Masked at a time. */
const PIECE_BYTES = 1024 * 1024;

/**
 * Puts the whole log into S3 where the project says so (CB-E2), before the place that has it is cleared away. It fails no
 * build, and keeps none from its end: a disk that is full, or a bucket that is not there, costs the log.
 * @param patience how long a build that was ended waits for it
 * @returns a line for the other log when it could not be done
 */
export async function putS3Log(
  session: Session,
  closingLines: string[],
  patience: AbortSignal,
): Promise<string[]> {
  const { platform, stored, signal } = session;
  const config = stored.inputs.logsConfig?.s3Logs;
  const place = s3LogPlace(config, uuidOf(stored));
  if (!place) return [];
  const target = {
    ...{ Bucket: place.bucket, Key: place.key, ContentType: 'application/gzip' },
    ...sealingOf(config?.encryptionDisabled, stored.inputs.encryptionKey),
    ...ownersAcl(config?.bucketOwnerAccess),
  };
  const until = AbortSignal.any([signal, patience, AbortSignal.timeout(S3_LOG_MS)]);
  const text = Readable.from(logText(session, closingLines, until));
  const body = text.compose<NodeJS.ReadWriteStream>(createGzip()) as unknown as Readable;
  try {
    await uploadStream(clientOf(session, S3Client), target, body, until);
    return [];
  } catch (error) {
    signal.throwIfAborted();
    platform.log.warn({ build: stored.id, err: error }, 'a log could not be put into S3');
    const reason = isRefusal(error)
      ? `${error.name}: ${error.message}`
      : 'there was no time or room';
    return [`The log is not in S3: ${reason}`];
  } finally {
    body.destroy();
    text.destroy();
  }
}

async function* logText(session: Session, closingLines: string[], until: AbortSignal) {
  const { platform, stored } = session;
  const texts = secretTexts(session);
  const masked = (bytes: Buffer) => Buffer.from(mask(bytes.toString('utf8'), texts));
  let rest = Buffer.alloc(0);
  const { handle } = stored.run;
  const output = handle ? platform.executors.logs(handle, { signal: until }) : [];
  for await (const chunk of output as AsyncIterable<Buffer>) {
    rest = Buffer.concat([rest, chunk]);
    if (rest.length < PIECE_BYTES) continue;
    const size = readyBytes(rest, texts, false);
    if (size > 0) yield masked(rest.subarray(0, size));
    rest = rest.subarray(size);
  }
  until.throwIfAborted();
  yield masked(Buffer.concat([rest, Buffer.from(ownLines(platform.clock.now(), closingLines))]));
}
