import { createHash } from 'node:crypto';
import type { MessageAttribute } from './message.ts';

export const md5 = (text: string): string => createHash('md5').update(text, 'utf8').digest('hex');

export const sha256 = (text: string): string =>
  createHash('sha256').update(text, 'utf8').digest('hex');

/** What the SDKs compare: how a value goes over the wire, in one byte. */
const STRING = Buffer.of(1);
const BINARY = Buffer.of(2);

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html#sqs-attributes-md5-message-digest-calculation */
export function md5OfAttributes(attributes: readonly MessageAttribute[]): string | undefined {
  if (attributes.length === 0) return undefined;
  const hash = createHash('md5');
  const add = (part: Uint8Array) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(part.length);
    hash.update(length).update(part);
  };
  const sorted = attributes.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  for (const { name, type, value } of sorted) {
    add(Buffer.from(name));
    add(Buffer.from(type));
    hash.update(typeof value === 'string' ? STRING : BINARY);
    add(typeof value === 'string' ? Buffer.from(value) : value);
  }
  return hash.digest('hex');
}
