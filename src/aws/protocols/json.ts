import { JsonCodec2, type JsonShapeDeserializer2 } from '@smithy/core/protocols';
import { AwsError } from '../errors.ts';
import type { WireRequest } from '../http.ts';
import { checkTypes, noCheckers, type ValueForm } from './check-types.ts';
import { queryErrorHeader } from './describe-error.ts';
import { type EventFormat, eventStreamOf } from './event-stream.ts';
import { parseJson } from './json-text.ts';
import { operationSchema, type Protocol } from './protocol.ts';
import { toJson } from './to-json.ts';

const EPOCH_SECONDS = 7 as const;
const codec = new JsonCodec2({
  timestampFormat: { default: EPOCH_SECONDS, useTrait: false },
  jsonName: false,
});
const EVENTS: EventFormat = { codec, contentType: 'application/json', initial: true };
const VALUES: ValueForm = { checkers: noCheckers(), jsonNames: false, binary: false };

export const json10 = jsonProtocol('1.0');
export const json11 = jsonProtocol('1.1');

/** AWS JSON 1.0 and 1.1: the operation is in a header, everything else in the body. */
function jsonProtocol(version: '1.0' | '1.1'): Protocol {
  const contentType = `application/x-amz-json-${version}`;
  const headers = (requestId: string) => ({
    'content-type': contentType,
    'x-amzn-requestid': requestId,
  });
  return {
    name: `json-${version}`,
    dialect: 'json',
    invalid: 'ValidationException',
    streams: true,
    // AWS's JSON front ends answer 400 to every client fault, whatever status the model gives an error
    // (https://docs.aws.amazon.com/kms/latest/APIReference/API_DescribeKey.html#API_DescribeKey_Errors).
    statuses: 'by-fault',
    recognises: (request) => request.headers['x-amz-target'] !== undefined,
    addressee(request) {
      const target = request.headers['x-amz-target'];
      return target?.slice(0, target.lastIndexOf('.'));
    },
    operation(api, request) {
      const operation = named(request);
      if (Object.hasOwn(api.operations, operation)) return { operation };
      throw new AwsError('UnknownOperationException', `The operation ${operation} is not known.`);
    },
    decode({ api, operation, body }) {
      const schema = operationSchema(api, operation)[4];
      const parsed = parseJson(body);
      checkTypes(schema, parsed, api.validation === 'self' ? 'refused' : 'left', VALUES);
      return readInput(schema, parsed);
    },
    encode(call, output, requestId) {
      const schema = operationSchema(call.api, call.operation)[5];
      const events = eventStreamOf(call, output, EVENTS);
      if (events) {
        const common = { 'content-type': events.contentType, 'x-amzn-requestid': requestId };
        return { status: 200, headers: common, body: events.body };
      }
      // As text it leaves in one write with its headers.
      return {
        status: 200,
        headers: headers(requestId),
        body: JSON.stringify(toJson(schema, output)),
      };
    },
    encodeError(api, error, requestId) {
      const members = error.schema ? toJson(error.schema, error.members) : {};
      const body = JSON.stringify({ __type: error.code, ...members, message: error.message });
      const told = { 'x-amzn-errortype': error.code, ...queryErrorHeader(api, error) };
      return { status: error.status, headers: { ...headers(requestId), ...told }, body };
    },
  };
}

function named({ headers }: WireRequest): string {
  const target = headers['x-amz-target'] ?? '';
  return target.slice(target.lastIndexOf('.') + 1);
}

function readInput(schema: unknown, parsed: unknown): Record<string, unknown> {
  try {
    const deserializer = codec.createDeserializer() as JsonShapeDeserializer2;
    return deserializer.readObject(schema as never, parsed as never) as Record<string, unknown>;
  } catch (error) {
    // Base64 and timestamps that the type check could not judge.
    throw new AwsError('SerializationException', (error as Error).message);
  }
}
