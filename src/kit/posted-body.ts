import type { Readable } from 'node:stream';
import { HttpError } from '../aws/http-error.ts';
import { readSome } from '../lib/read-some.ts';

/**
 * What somebody posts who has yet to show who he is: so much of it, for so long.
 * @param most bytes
 * @param what as a refusal calls it
 * @throws HttpError
 */
export async function postedBody(
  body: Readable,
  {
    most,
    withinMs,
    what = 'request',
  }: { most: number; withinMs: number; what?: 'request' | 'form' },
): Promise<Buffer> {
  const late = setTimeout(() => body.destroy(), withinMs);
  try {
    const some = await readSome(body, most);
    if (!('all' in some)) throw new HttpError(413, `The ${what} is too long.`);
    return some.all;
  } catch (error) {
    if (error instanceof HttpError) throw error;
    throw new HttpError(400, `The ${what} did not arrive.`);
  } finally {
    clearTimeout(late);
  }
}
