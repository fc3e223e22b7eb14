import { Readable } from 'node:stream';
import { EventStreamCodec, Int64 } from '@smithy/core/event-streams';
import { NormalizedSchema } from '@smithy/core/schema';
import { fromUtf8, toUtf8 } from '@smithy/core/serde';
import type { MessageHeaders, MessageHeaderValue, ShapeSerializer } from '@smithy/types';
import { describeError } from './describe-error.ts';
import { part } from './part.ts';
import { type Call, operationSchema } from './protocol.ts';

/** How the protocol around a stream writes what is in an event. */
export interface EventFormat {
  codec: { createSerializer(): ShapeSerializer<string | Uint8Array> };
  contentType: string;
  /** RPC protocols: the output's other members are the first event, where REST ones have headers for them. */
  initial: boolean;
}

type Event = Record<string, Record<string, unknown>>;

export const EVENT_STREAM = 'application/vnd.amazon.eventstream';

const frames = new EventStreamCodec(toUtf8, fromUtf8);

/**
 * The body of an output that is a stream of events, or undefined where it is none. The operation answers with an
 * async iterable of unions, as the SDK's clients read them: `{ sessionStart: {…} }`. What it throws while it goes on
 * ends the stream with an exception, as its model has them; its `return` is called when the client hangs up.
 */
export function eventStreamOf(
  call: Call,
  output: Record<string, unknown>,
  format: EventFormat,
): { contentType: string; body: Readable } | undefined {
  const schema = NormalizedSchema.of(operationSchema(call.api, call.operation)[5]);
  const member = schema.getEventStreamMember();
  if (!member) return undefined;
  const { [member]: events, ...rest } = output;
  const union = schema.getMemberSchema(member);
  const iterator = (events as AsyncIterable<Event>)[Symbol.asyncIterator]();
  async function* messages() {
    if (format.initial) {
      const others = part(schema, 'initial-response', (_, name) => name !== member);
      yield message('event', 'initial-response', others, rest, format);
    }
    try {
      for await (const event of { [Symbol.asyncIterator]: () => iterator }) {
        const [[name, value] = ['', {}]] = Object.entries(event);
        yield message('event', name, union.getMemberSchema(name), value, format);
      }
    } catch (error) {
      yield broken(call, union, error, format);
    }
  }
  const stop = () => void iterator.return?.().catch(() => {});
  return { contentType: EVENT_STREAM, body: readable(messages(), stop) };
}

/** @param stop called at once when the client hangs up: a generator hears of it only when its next event comes */
function readable(messages: AsyncIterator<Uint8Array>, stop: () => void): Readable {
  return new Readable({
    read() {
      messages.next().then(
        ({ done, value }) => this.push(done ? null : value),
        (error) => this.destroy(error),
      );
    },
    destroy(error, closed) {
      stop();
      closed(error);
    },
  });
}

/** How a stream ends before its time: with an exception of its model, or with an error in the protocol's words. */
function broken(
  call: Call,
  union: NormalizedSchema,
  error: unknown,
  format: EventFormat,
): Uint8Array {
  const { code, message: sentence, schema } = describeError(call.api, error, call.protocol);
  const members = Object.entries(union.getMemberSchemas());
  const [name, modelled] = members.find(([, m]) => schema && m.getSchema() === schema) ?? [];
  if (name !== undefined && modelled)
    return message('exception', name, modelled, error as Record<string, unknown>, format);
  if (code === 'InternalFailure') call.unexpected?.(error);
  return frames.encode({
    headers: {
      ':message-type': text('error'),
      ':error-code': text(code),
      ':error-message': text(sentence),
    },
    body: new Uint8Array(),
  });
}

/** One event or exception: what the model binds to headers goes there; the rest, or the one payload, is the body. */
function message(
  type: 'event' | 'exception',
  name: string,
  schema: NormalizedSchema,
  value: Record<string, unknown>,
  format: EventFormat,
): Uint8Array {
  const members = Object.entries(schema.getMemberSchemas());
  const headers: MessageHeaders = {};
  for (const [memberName, member] of members) {
    const found = value[memberName];
    if (member.getMergedTraits().eventHeader && found !== undefined && found !== null)
      headers[memberName] = headerOf(member, found);
  }
  const [payloadName, payload] = members.find(([, m]) => m.getMergedTraits().eventPayload) ?? [];
  const document = part(schema, name, (member) => !member.getMergedTraits().eventHeader);
  const { body, contentType } =
    payloadName !== undefined && payload
      ? writePayload(payload, value[payloadName], format)
      : { body: write(format, document, value), contentType: format.contentType };
  return frames.encode({
    headers: {
      ':message-type': text(type),
      [`:${type}-type`]: text(name),
      ':content-type': text(contentType),
      ...headers,
    },
    body,
  });
}

function writePayload(
  schema: NormalizedSchema,
  value: unknown,
  format: EventFormat,
): { body: Uint8Array; contentType: string } {
  if (schema.isBlobSchema())
    return { body: bytes(value ?? ''), contentType: 'application/octet-stream' };
  if (schema.isStringSchema()) return { body: bytes(value ?? ''), contentType: 'text/plain' };
  return { body: write(format, schema, value ?? {}), contentType: format.contentType };
}

function write({ codec }: EventFormat, schema: NormalizedSchema, value: unknown): Uint8Array {
  const serializer = codec.createSerializer();
  serializer.write(schema, value);
  return bytes(serializer.flush());
}

function bytes(value: unknown): Uint8Array {
  return value instanceof Uint8Array ? value : Buffer.from(String(value));
}

function text(value: string): MessageHeaderValue {
  return { type: 'string', value };
}

const LARGEST_INTEGER = 2 ** 31 - 1;

function headerOf(schema: NormalizedSchema, value: unknown): MessageHeaderValue {
  if (value instanceof Date) return { type: 'timestamp', value };
  if (value instanceof Uint8Array) return { type: 'binary', value };
  if (typeof value === 'boolean') return { type: 'boolean', value };
  if (!schema.isNumericSchema()) return text(String(value));
  const number = Number(value);
  return Math.abs(number) <= LARGEST_INTEGER
    ? { type: 'integer', value: number }
    : { type: 'long', value: Int64.fromNumber(number) };
}
