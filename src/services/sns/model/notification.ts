import { setOwn } from '../../../lib/own.ts';
import { xmlJson } from '../../../lib/xml-text.ts';
import type { Message } from './message.ts';
import type { Subscription } from './subscription.ts';

/** The JSON document that endpoints get: its members in AWS's order. */
export interface Document {
  Type: string;
  MessageId: string;
  Token?: string;
  TopicArn: string;
  Subject?: string;
  Message: string;
  SubscribeURL?: string;
  Timestamp: string;
  SequenceNumber?: string;
  SignatureVersion?: string;
  Signature?: string;
  SigningCertURL?: string;
  UnsubscribeURL?: string;
  MessageAttributes?: Record<string, { Type: string; Value: string }>;
}

/** What single protocols are given in the place of the message. */
export function textFor({ message, byProtocol = {} }: Message, protocol: string): string {
  return Object.hasOwn(byProtocol, protocol) ? (byProtocol[protocol] ?? message) : message;
}

/** All but the signature. */
export function documentOf(
  message: Message,
  { protocol }: Pick<Subscription, 'protocol'>,
  links: { subscribe: string; unsubscribe: string },
): Document {
  const { subject, sequenceNumber, token } = message;
  const isConfirmation = message.type === 'SubscriptionConfirmation';
  return {
    Type: message.type,
    MessageId: message.id,
    ...(token !== undefined && { Token: token }),
    TopicArn: message.topicArn,
    ...(subject !== undefined && { Subject: subject }),
    Message: textFor(message, protocol),
    ...(isConfirmation && { SubscribeURL: links.subscribe }),
    Timestamp: message.timestamp.toISOString(),
    ...(sequenceNumber !== undefined && { SequenceNumber: sequenceNumber }),
    ...(!isConfirmation && { UnsubscribeURL: links.unsubscribe }),
    ...(message.attributes && { MessageAttributes: shown(message.attributes) }),
  };
}

function shown(attributes: NonNullable<Message['attributes']>) {
  const all: NonNullable<Document['MessageAttributes']> = {};
  for (const [name, { type, value }] of Object.entries(attributes))
    setOwn(all, name, { Type: type, Value: value });
  return all;
}

/** Members that are signed, in this order: https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message-verify-message-signature.html */
const SIGNED = [
  'Message',
  'MessageId',
  'Subject',
  'SubscribeURL',
  'Timestamp',
  'Token',
  'TopicArn',
  'Type',
] as const;

/** What a signature is over. */
export function stringToSign(document: Document): string {
  return SIGNED.flatMap((name) => {
    const value = document[name];
    return value === undefined ? [] : [`${name}\n${value}\n`];
  }).join('');
}

const ORDER: readonly (keyof Document)[] = [
  ...(['Type', 'MessageId', 'SequenceNumber', 'Token', 'TopicArn', 'Subject', 'Message'] as const),
  ...(['SubscribeURL', 'Timestamp', 'SignatureVersion', 'Signature', 'SigningCertURL'] as const),
  ...(['UnsubscribeURL', 'MessageAttributes'] as const),
];

/** As SNS writes it. */
export function formatDocument(document: Document): string {
  const members = ORDER.flatMap((name) => {
    const value = document[name];
    return value === undefined ? [] : [`  ${JSON.stringify(name)} : ${format(value)}`];
  });
  return `{\n${members.join(',\n')}\n}`;
}

function format(value: NonNullable<Document[keyof Document]>): string {
  if (typeof value === 'string') return xmlJson(value);
  const members = Object.entries(value).map(
    ([name, member]) => `    ${JSON.stringify(name)} : ${xmlJson(member)}`,
  );
  return `{\n${members.join(',\n')}\n  }`;
}
