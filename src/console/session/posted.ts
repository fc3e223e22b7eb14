import type { WireRequest } from '../../aws/http.ts';
import { postedBody } from '../../kit/posted-body.ts';
import { POST_BYTES, POST_MS } from './limits.ts';
import { invalid, refusal } from './words.ts';

/**
 * What a page has posted. Forms of other pages come as one of three types, of which JSON is none: whatever is JSON has
 * asked the server first.
 * @throws HttpError
 */
export async function readJson({ headers, body }: WireRequest): Promise<unknown> {
  const type = headers['content-type'] ?? '';
  if (!/^application\/json *(?:;|$)/i.test(type))
    throw refusal(415, 'UnsupportedMediaType', 'What is posted here is application/json.');
  const bytes = await postedBody(body, { most: POST_BYTES, withinMs: POST_MS });
  try {
    return JSON.parse(bytes.toString());
  } catch {
    throw invalid('What was posted is no JSON.');
  }
}
