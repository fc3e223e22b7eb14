import { AwsError } from '../errors.ts';

/** What a body of JSON says; nothing is as good as an empty object. @throws AwsError SerializationException */
export function parseJson(body: Uint8Array | undefined): unknown {
  if (!body || body.length === 0) return {};
  try {
    return JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8'));
  } catch {
    throw new AwsError('SerializationException', 'Unable to parse the request body as JSON.');
  }
}
