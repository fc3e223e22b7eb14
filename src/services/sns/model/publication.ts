import { setOwn } from '../../../lib/own.ts';
import { invalid, invalidValue } from '../errors.ts';
import { MAX_ATTRIBUTE_NAME, MAX_SUBJECT_CHARACTERS } from '../limits.ts';
import type { Message, MessageAttribute } from './message.ts';
import { isFifo, type Topic } from './topic.ts';

/** What Publish and an entry of PublishBatch have in common. */
export interface Publication {
  Message: string | undefined;
  Subject?: string | undefined;
  MessageStructure?: string | undefined;
  MessageAttributes?: Record<string, GivenAttribute> | undefined;
  MessageDeduplicationId?: string | undefined;
  MessageGroupId?: string | undefined;
}

interface GivenAttribute {
  DataType: string | undefined;
  StringValue?: string | undefined;
  BinaryValue?: Uint8Array | undefined;
}

/** What is published, before it has an id. */
export type Draft = Pick<
  Message,
  'subject' | 'message' | 'byProtocol' | 'attributes' | 'groupId' | 'deduplicationId'
>;

/** @throws InvalidParameterException, InvalidParameterValueException */
export function readPublication(input: Publication, topic: Topic): Draft {
  const { Message: message = '', Subject: subject } = input;
  if (message === '') throw invalid('Empty message');
  if (subject !== undefined) checkSubject(subject);
  const byProtocol = readStructure(input);
  const attributes = readAttributes(input.MessageAttributes ?? {});
  checkOrder(input, topic);
  const { MessageGroupId: groupId, MessageDeduplicationId: deduplicationId } = input;
  return {
    message: byProtocol?.default ?? message,
    ...(subject !== undefined && { subject }),
    ...(byProtocol && { byProtocol }),
    ...(Object.keys(attributes).length > 0 && { attributes }),
    ...(groupId !== undefined && { groupId }),
    ...(deduplicationId !== undefined && { deduplicationId }),
  };
}

/** Message and attributes: names, types and values. */
export function bytesOf(input: Publication): number {
  const attributes = Object.entries(input.MessageAttributes ?? {});
  return attributes.reduce(
    (sum, [name, { DataType = '', StringValue = '', BinaryValue }]) =>
      sum +
      Buffer.byteLength(name) +
      Buffer.byteLength(DataType) +
      (BinaryValue?.length ?? Buffer.byteLength(StringValue)),
    Buffer.byteLength(input.Message ?? ''),
  );
}

/** https://docs.aws.amazon.com/sns/latest/api/API_Publish.html: it becomes a header of mails. */
function checkSubject(subject: string): void {
  const length = subject.length;
  const isSubject =
    length > 0 && length <= MAX_SUBJECT_CHARACTERS && /^[\x21-\x7e][\x20-\x7e]*$/.test(subject);
  if (!isSubject) throw invalid('Subject');
}

function readStructure({ Message: message = '', MessageStructure: structure }: Publication) {
  if (structure === undefined || structure === '') return undefined;
  if (structure !== 'json')
    throw invalid(`MessageStructure Reason: Invalid value [${structure}]. Must be json.`);
  let parsed: unknown;
  try {
    parsed = JSON.parse(message);
  } catch {
    throw invalid('Message Structure - JSON message body failed to parse');
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    throw invalid('Message Structure - JSON message body failed to parse');
  const texts: Record<string, string> = {};
  // What is no text is passed over, as AWS does with names of protocols that it does not know.
  for (const [protocol, text] of Object.entries(parsed))
    if (typeof text === 'string') setOwn(texts, protocol, text);
  if (!Object.hasOwn(texts, 'default'))
    throw invalid('Message Structure - No default entry in JSON message body');
  return texts;
}

/** https://docs.aws.amazon.com/sns/latest/dg/sns-message-attributes.html */
const RESERVED_NAME = /^(aws|amazon)\./i;
const TYPE = /^(String\.Array|(String|Number|Binary)(\.[\x21-\x7e]{1,249})?)$/;

function readAttributes(given: Record<string, GivenAttribute>): Record<string, MessageAttribute> {
  const read: Record<string, MessageAttribute> = {};
  for (const [name, attribute] of Object.entries(given)) {
    const wrong = wrongName(name);
    if (wrong !== undefined) throw invalidValue(wrong);
    setOwn(read, name, readAttribute(name, attribute));
  }
  return read;
}

/** In AWS's words, but those of a reserved name. */
function wrongName(name: string): string | undefined {
  if (Buffer.byteLength(name) > MAX_ATTRIBUTE_NAME)
    return `Length of message attribute name must be less than ${MAX_ATTRIBUTE_NAME} bytes.`;
  if (name === '') return 'The message attribute name must not be empty.';
  const strange = /[^A-Za-z0-9_.-]/u.exec(name)?.[0];
  if (strange !== undefined)
    return `Invalid non-alphanumeric character '#x${strange.codePointAt(0)?.toString(16).toUpperCase()}' was found in the message attribute name. Can only include alphanumeric characters, hyphens, underscores, or dots.`;
  if (name.startsWith('.'))
    return "Invalid message attribute name starting with character '.' was found.";
  if (name.endsWith('.'))
    return "Invalid message attribute name ending with character '.' was found.";
  if (name.includes('..')) return "Message attribute name can not have successive '.' character.";
  if (RESERVED_NAME.test(name))
    return `Invalid message attribute name '${name}': names that begin with AWS. or Amazon. are reserved.`;
  return undefined;
}

function readAttribute(
  name: string,
  { DataType: type = '', StringValue, BinaryValue }: GivenAttribute,
): MessageAttribute {
  if (type === '')
    throw invalidValue(
      `The message attribute '${name}' must contain non-empty message attribute type.`,
    );
  if (!TYPE.test(type))
    throw invalidValue(
      `The message attribute '${name}' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.`,
    );
  const isBinary = type.startsWith('Binary');
  const [used, other] = isBinary ? [BinaryValue, StringValue] : [StringValue, BinaryValue];
  if (used === undefined && other !== undefined)
    throw invalidValue(
      `The message attribute '${name}' with type '${type}' must use field '${isBinary ? 'Binary' : 'String'}'.`,
    );
  if (used === undefined || used.length === 0)
    throw invalidValue(
      `The message attribute '${name}' must contain non-empty message attribute value for message attribute type '${type}'.`,
    );
  const value = typeof used === 'string' ? used : Buffer.from(used).toString('base64');
  if (type.startsWith('Number') && !isNumber(value))
    throw invalidValue(`Could not cast message attribute '${name}' value to number.`);
  return { type, value };
}

const isNumber = (text: string) => /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/.test(text);

/** https://docs.aws.amazon.com/sns/latest/api/API_Publish.html: letters, digits and punctuation. */
const ID = /^[\x21-\x7e]{1,128}$/;

function checkOrder(
  { MessageGroupId: group, MessageDeduplicationId: id }: Publication,
  topic: Topic,
): void {
  if (group !== undefined && !ID.test(group)) throw invalid('MessageGroupId');
  if (id !== undefined && !ID.test(id)) throw invalid('MessageDeduplicationId');
  if (!isFifo(topic)) {
    if (id !== undefined)
      throw invalid(
        'MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter that is not valid for this topic type',
      );
    return;
  }
  if (group === undefined)
    throw invalid('The MessageGroupId parameter is required for FIFO topics');
  if (id === undefined && topic.attributes.ContentBasedDeduplication !== 'true')
    throw invalid(
      'The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
    );
}
