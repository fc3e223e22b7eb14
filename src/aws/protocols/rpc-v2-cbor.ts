import { CborCodec, type CborShapeDeserializer, cbor } from '@smithy/core/cbor';
import { NormalizedSchema } from '@smithy/core/schema';
import { AwsError } from '../errors.ts';
import { checkCbor } from './check-cbor.ts';
import { checkTypes, noCheckers, type ValueForm } from './check-types.ts';
import { queryErrorHeader } from './describe-error.ts';
import { type EventFormat, eventStreamOf } from './event-stream.ts';
import { operationSchema, type Protocol } from './protocol.ts';

const codec = new CborCodec();
const VALUES: ValueForm = { checkers: noCheckers(), jsonNames: false, binary: true };
const CONTENT_TYPE = 'application/cbor';
const EVENTS: EventFormat = { codec, contentType: CONTENT_TYPE, initial: true };

/** `/service/GraniteServiceVersion20100801/operation/PutMetricData`; some clients have a path before it. */
const PATH = /\/service\/([^/]+)\/operation\/([^/]+)$/;

/** Smithy RPC v2 with CBOR: API and operation are in the path. https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html */
export const rpcV2Cbor: Protocol = {
  name: 'rpc-v2-cbor',
  dialect: 'json',
  invalid: 'ValidationException',
  streams: true,
  statuses: 'modelled',
  recognises: (request) => request.headers['smithy-protocol'] === 'rpc-v2-cbor',
  addressee(request) {
    if (request.headers['smithy-protocol'] !== 'rpc-v2-cbor') return undefined;
    return PATH.exec(request.path)?.[1] ?? '';
  },
  operation(api, request) {
    const operation = PATH.exec(request.path)?.[2] ?? '';
    if (request.method === 'POST' && Object.hasOwn(api.operations, operation)) return { operation };
    const sentence = `The operation ${operation} is not known.`;
    throw new AwsError('UnknownOperationException', sentence, 404);
  },
  decode({ api, operation, body }) {
    const schema = operationSchema(api, operation)[4];
    const parsed = parse(body);
    checkTypes(schema, parsed, api.validation === 'self' ? 'refused' : 'left', VALUES);
    const deserializer = codec.createDeserializer() as CborShapeDeserializer;
    return (deserializer.readValue(NormalizedSchema.of(schema), parsed) ?? {}) as Record<
      string,
      unknown
    >;
  },
  encode(call, output, requestId) {
    const schema = NormalizedSchema.of(operationSchema(call.api, call.operation)[5]);
    const events = eventStreamOf(call, output, EVENTS);
    if (events) {
      const headers = { ...headersOf(requestId), 'content-type': events.contentType };
      return { status: 200, headers, body: events.body };
    }
    if (schema.isStructSchema())
      return { status: 200, headers: headersOf(requestId), body: written(schema, output) };
    // An operation without an output answers without a body, and then without its type.
    const { 'content-type': _, ...headers } = headersOf(requestId);
    return { status: 200, headers, body: undefined };
  },
  encodeError(api, error, requestId) {
    const members = error.schema
      ? cbor.deserialize(written(NormalizedSchema.of(error.schema), error.members))
      : {};
    const body = cbor.serialize({ ...members, __type: error.code, message: error.message });
    const headers = { ...headersOf(requestId), ...queryErrorHeader(api, error) };
    return { status: error.status, headers, body };
  },
};

function headersOf(requestId: string): Record<string, string> {
  return {
    'content-type': CONTENT_TYPE,
    'smithy-protocol': 'rpc-v2-cbor',
    'x-amzn-requestid': requestId,
  };
}

function written(schema: NormalizedSchema, value: unknown): Uint8Array {
  const serializer = codec.createSerializer();
  serializer.write(schema, value);
  return serializer.flush();
}

function parse(body: Uint8Array | undefined): unknown {
  if (!body || body.length === 0) return {};
  checkCbor(body);
  try {
    return cbor.deserialize(body);
  } catch {
    throw new AwsError('SerializationException', 'Unable to parse the request body as CBOR.');
  }
}
