import { JsonCodec2, type JsonShapeDeserializer2 } from '@smithy/core/protocols';
import { AwsError } from '../errors.ts';
import { validationStyle } from '../validate/styles.ts';
import { checkTypes } from './check-types.ts';
import type { Codec } from './codec.ts';
import { toJson } from './to-json.ts';

const EPOCH_SECONDS = 7 as const;
const codec = new JsonCodec2({
  timestampFormat: { default: EPOCH_SECONDS, useTrait: false },
  jsonName: false,
});

/** AWS JSON 1.0 and 1.1: everything is in the body. */
export function jsonCodec(version: '1.0' | '1.1'): Codec {
  const contentType = `application/x-amz-json-${version}`;
  const headers = (requestId: string) => ({
    'content-type': contentType,
    'x-amzn-requestid': requestId,
  });
  return {
    decode({ api, operation, body }) {
      const schema = api.operations[operation]?.[4];
      const parsed = parse(body);
      const nulls = validationStyle(api) === 'self' ? 'refused' : 'left';
      checkTypes(schema as never, parsed, nulls);
      return readInput(schema, parsed);
    },
    encode({ api, operation }, output, requestId) {
      const body = JSON.stringify(toJson(api.operations[operation]?.[5], output));
      // As text it leaves in one write with its headers.
      return { status: 200, headers: headers(requestId), body };
    },
    encodeError(_api, error, requestId) {
      const members = error.schema ? toJson(error.schema, error.members) : {};
      const body = JSON.stringify({ __type: error.code, ...members, message: error.message });
      return {
        status: error.status,
        headers: { ...headers(requestId), 'x-amzn-errortype': error.code },
        body,
      };
    },
  };
}

function parse(body: Uint8Array | undefined): Record<string, unknown> {
  if (!body || body.length === 0) return {};
  try {
    return JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8'));
  } catch {
    throw new AwsError('SerializationException', 'Unable to parse the request body as JSON.');
  }
}

function readInput(schema: unknown, parsed: Record<string, unknown>): Record<string, unknown> {
  try {
    const deserializer = codec.createDeserializer() as JsonShapeDeserializer2;
    return deserializer.readObject(schema as never, parsed as never) as Record<string, unknown>;
  } catch (error) {
    // Base64 and timestamps that the type check could not judge.
    throw new AwsError('SerializationException', (error as Error).message);
  }
}
