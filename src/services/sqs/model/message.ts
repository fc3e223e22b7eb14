import type { MessageAttributeValue, MessageSystemAttributeValue } from '@aws-sdk/client-sqs';
import { unsupported } from '../../../aws/errors.ts';
import {
  invalidContents,
  invalidParameter,
  invalidValue,
  messageTooLong,
  missingParameter,
} from '../errors.ts';
import { MAX_ATTRIBUTES, MAX_DELAY_S, MAX_MESSAGE_BYTES } from '../limits.ts';
import type { QueueSettings } from './queue.ts';

/** One attribute that a sender gave a message. */
export interface MessageAttribute {
  name: string;
  /** `String`, `Number` or `Binary`, with the sender's own word behind a point. */
  type: string;
  value: string | Uint8Array;
}

/** What a sender gives. */
export interface SentMessage {
  body: string;
  attributes: MessageAttribute[];
  traceHeader?: string;
  senderId: string;
  groupId?: string;
  /** FIFO: what was given, or the hash of the body. */
  deduplicationId?: string;
}

/** A message as calls bring it. */
export interface GivenMessage {
  MessageBody?: string | undefined;
  DelaySeconds?: number | undefined;
  MessageAttributes?: Record<string, MessageAttributeValue> | undefined;
  MessageSystemAttributes?: Record<string, MessageSystemAttributeValue> | undefined;
  MessageDeduplicationId?: string | undefined;
  MessageGroupId?: string | undefined;
}

const REFUSED = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;
const NAME = /^[A-Za-z0-9_.-]{1,256}$/;
const TYPE = /^(String|Number|Binary)(\.[^\t\n\r]{1,245})?$/;
/** Letters, digits and the punctuation of ASCII. */
const ID = /^[!-~]{1,128}$/;
const NUMBER = /^[+-]?([0-9]{1,40}(\.[0-9]{0,40})?|\.[0-9]{1,40})([eE][+-]?[0-9]{1,3})?$/;

/** @returns how many bytes count for the limits. @throws SQS's own errors */
export function checkMessage(given: GivenMessage, attributes: MessageAttribute[]): number {
  const { MessageBody: body } = given;
  if (body === undefined || body === '') throw missingParameter('MessageBody');
  if (REFUSED.test(body)) throw invalidContents();
  let bytes = Buffer.byteLength(body);
  for (const { name, type, value } of attributes) {
    const size = typeof value === 'string' ? Buffer.byteLength(value) : value.length;
    bytes += Buffer.byteLength(name) + Buffer.byteLength(type) + size;
  }
  return bytes;
}

/** @throws InvalidParameterValue */
export function checkSize(bytes: number, { maximumBytes }: QueueSettings): void {
  if (bytes > Math.min(maximumBytes, MAX_MESSAGE_BYTES)) throw messageTooLong(maximumBytes);
}

/** @throws InvalidParameterValue */
export function readAttributes(
  given: Record<string, MessageAttributeValue> = {},
): MessageAttribute[] {
  const entries = Object.entries(given);
  if (entries.length > MAX_ATTRIBUTES)
    throw invalidValue(
      `Number of message attributes [${entries.length}] exceeds the allowed maximum [${MAX_ATTRIBUTES}].`,
    );
  return entries.map(([name, value]) => readAttribute(name, value, 'user'));
}

function readAttribute(
  name: string,
  given: MessageAttributeValue,
  kind: 'user' | 'system',
): MessageAttribute {
  const subject = `essage (${kind}) attribute '${name}'`;
  if (!NAME.test(name) || /^(aws|amazon)\./i.test(name) || /^\.|\.$|\.\./.test(name))
    throw invalidValue(
      `M${subject} name is invalid: it can contain alphanumeric characters, hyphens, underscores and periods, and must not begin with AWS. or Amazon.`,
    );
  const {
    DataType: type = '',
    StringValue,
    BinaryValue,
    StringListValues,
    BinaryListValues,
  } = given;
  if (StringListValues?.length || BinaryListValues?.length)
    throw unsupported('lists as values of message attributes, which AWS reserves for later');
  if (type === '')
    throw invalidValue(`The m${subject} must contain a non-empty message attribute type.`);
  const [, base] = TYPE.exec(type) ?? [];
  if (base === undefined)
    throw invalidValue(
      `The type of m${subject} is invalid. You must use only the following supported type prefixes: Binary, Number, String.`,
    );
  const value = base === 'Binary' ? BinaryValue : StringValue;
  if (value === undefined || value.length === 0)
    throw invalidValue(`M${subject} must contain a non-empty value of type '${base}'.`);
  if ((base === 'Binary' ? StringValue : BinaryValue) !== undefined)
    throw invalidValue(`M${subject} has multiple values.`);
  if (typeof value === 'string' && REFUSED.test(value))
    throw invalidValue(`Invalid binary character was found in the m${subject}.`);
  if (base === 'Number' && !NUMBER.test(value as string))
    throw invalidValue(`Can't cast the value of m${subject} to a number.`);
  return { name, type, value };
}

/** The one system attribute that a sender may give. @throws InvalidParameterValue */
export function readTraceHeader(
  given: Record<string, MessageSystemAttributeValue> = {},
): MessageAttribute[] {
  return Object.entries(given).map(([name, value]) => {
    if (name !== 'AWSTraceHeader')
      throw invalidValue(`Message system attribute name '${name}' is invalid.`);
    const read = readAttribute(name, value, 'system');
    if (typeof read.value !== 'string')
      throw invalidValue(`Message (system) attribute '${name}' must be of type 'String'.`);
    return read;
  });
}

/** What a FIFO queue has to be told, and a standard queue may. @throws SQS's own errors */
export function checkIds(given: GivenMessage, settings: QueueSettings): void {
  const { MessageGroupId: group, MessageDeduplicationId: id } = given;
  if (settings.fifo && group === undefined) throw missingParameter('MessageGroupId');
  if (!settings.fifo && id !== undefined)
    throw invalidParameter(id, 'MessageDeduplicationId', OTHER_TYPE);
  for (const [name, value] of [
    ['MessageGroupId', group],
    ['MessageDeduplicationId', id],
  ] as const)
    if (value !== undefined && !ID.test(value)) throw invalidParameter(value, name, OF_AN_ID(name));
  if (settings.fifo && id === undefined && !settings.contentBasedDeduplication)
    throw invalidValue(
      'The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
    );
}

const OTHER_TYPE = 'The request include parameter that is not valid for this queue type.';
const OF_AN_ID = (name: string) =>
  `${name} can only include alphanumeric and punctuation characters. 1 to 128 in length.`;

/** @returns milliseconds. @throws InvalidParameterValue */
export function delayOf({ DelaySeconds: seconds }: GivenMessage, settings: QueueSettings): number {
  if (seconds === undefined) return settings.delayMs;
  if (!Number.isInteger(seconds) || seconds < 0 || seconds > MAX_DELAY_S)
    throw invalidParameter(
      seconds,
      'DelaySeconds',
      `DelaySeconds must be >= 0 and <= ${MAX_DELAY_S}.`,
    );
  // A FIFO queue delays all alike: its own setting.
  if (settings.fifo && seconds !== 0) throw invalidParameter(seconds, 'DelaySeconds', OTHER_TYPE);
  return settings.fifo ? settings.delayMs : seconds * 1_000;
}

/** `FOO.*` stands for names that begin so. */
export function wanted(
  attributes: readonly MessageAttribute[],
  names: readonly string[] = [],
): MessageAttribute[] {
  const whole = new Set(names);
  if (whole.has('All') || whole.has('.*')) return [...attributes];
  const prefixes = names.filter((name) => name.endsWith('.*')).map((name) => name.slice(0, -2));
  return attributes.filter(
    ({ name }) => whole.has(name) || prefixes.some((prefix) => name.startsWith(prefix)),
  );
}
