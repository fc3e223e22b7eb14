import { JsonCodec2, type JsonShapeDeserializer2 } from '@smithy/core/protocols';
import { NormalizedSchema } from '@smithy/core/schema';
import { AwsError } from '../errors.ts';
import { headersOf } from './bindings.ts';
import { checkTypes, noCheckers, type ValueForm } from './check-types.ts';
import { queryErrorHeader } from './describe-error.ts';
import { parseJson } from './json-text.ts';
import type { Protocol } from './protocol.ts';
import { bodyOf, type RestBody, readRest, restOperation, writeRest } from './rest.ts';

const EPOCH_SECONDS = 7 as const;
const codec = new JsonCodec2({
  timestampFormat: { default: EPOCH_SECONDS, useTrait: true },
  jsonName: true,
});
const VALUES: ValueForm = { checkers: noCheckers(), jsonNames: true, binary: false };

const BODY: RestBody = {
  read(api, schema, body) {
    const parsed = parseJson(body);
    checkTypes(schema, parsed, api.validation === 'self' ? 'refused' : 'left', VALUES);
    try {
      const deserializer = codec.createDeserializer() as JsonShapeDeserializer2;
      return deserializer.readObject(schema, parsed as never) as Record<string, unknown>;
    } catch (error) {
      // Base64 and timestamps that the type check could not judge.
      throw malformed((error as Error).message);
    }
  },
  write: (_api, schema, value) => json(schema, value),
  contentType: 'application/json',
  events: { codec, contentType: 'application/json', initial: false },
  malformed,
};

/** REST-JSON: members are spread over path, query, headers and a body of JSON. */
export const restJson: Protocol = {
  name: 'rest-json',
  dialect: 'rest-json',
  invalid: 'ValidationException',
  streams: true,
  statuses: 'modelled',
  recognises: () => true,
  operation(api, request) {
    const found = restOperation(api, request);
    if (!found) throw new AwsError('UnknownOperationException', 'No such operation.', 404);
    return found;
  },
  decode: (call) => readRest(call, BODY),
  encode: (call, output, requestId) => writeRest(call, output, requestHeaders(requestId), BODY),
  encodeError(api, error, requestId) {
    const schema = error.schema && NormalizedSchema.of(error.schema);
    const members = schema ? JSON.parse(json(bodyOf(schema), error.members)) : {};
    return {
      status: error.status,
      headers: {
        ...requestHeaders(requestId),
        ...(schema && headersOf(schema, error.members)),
        ...queryErrorHeader(api, error),
        'content-type': BODY.contentType,
        'x-amzn-errortype': error.code,
      },
      body: JSON.stringify({ ...members, message: error.message }),
    };
  },
};

function requestHeaders(requestId: string): Record<string, string> {
  return { 'x-amzn-requestid': requestId };
}

function json(schema: NormalizedSchema, value: unknown): string {
  const serializer = codec.createSerializer();
  serializer.write(schema, value);
  // Taken as it is, the SDK's array says on standard error that it is used as text.
  const { buffer, byteOffset, byteLength } = serializer.flush() as Uint8Array;
  return Buffer.from(buffer, byteOffset, byteLength).toString();
}

function malformed(sentence: string): AwsError {
  return new AwsError('SerializationException', sentence);
}
