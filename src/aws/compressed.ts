import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { AwsError } from './errors.ts';
import type { WireRequest } from './http.ts';

const unzip = promisify(gunzip);

/**
 * A body before its client compressed it, which SDKs do to larger ones of some calls (PutMetricData). It was signed as
 * it came. https://smithy.io/2.0/spec/behavior-traits.html#requestcompression-trait
 * @param limit bytes of what comes out of it
 * @throws AwsError for what is not compressed as it says, or too large
 */
export async function uncompressed(
  { headers }: Pick<WireRequest, 'headers'>,
  body: Uint8Array,
  limit: number,
): Promise<Uint8Array> {
  if (headers['content-encoding'] !== 'gzip' || body.length === 0) return body;
  try {
    return await unzip(body, { maxOutputLength: limit });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE')
      throw new AwsError('RequestEntityTooLarge', 'Request size is too large.', 413);
    throw new AwsError('SerializationException', 'The request body is no gzip data.');
  }
}
