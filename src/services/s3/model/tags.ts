import type { Tag } from '@aws-sdk/client-s3';
import { invalidArgument, invalidTag } from '../errors.ts';

/** Reads the `x-amz-tagging` header: a query string. @throws InvalidArgument */
export function parseTagging(header: string, most: number): Tag[] {
  const tags = [...new URLSearchParams(header)].map(([Key, Value]) => ({ Key, Value }));
  if (new Set(tags.map((tag) => tag.Key)).size < tags.length) {
    throw invalidArgument(
      "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates.",
      'x-amz-tagging',
      header,
    );
  }
  checkTags(tags, most);
  return tags;
}

/** @throws InvalidTag, BadRequest in S3's words */
export function checkTags(tags: Tag[], most: number): void {
  const names = new Set<string>();
  for (const { Key = '', Value = '' } of tags) {
    if (names.has(Key)) throw invalidTag('Cannot provide multiple Tags with the same key');
    names.add(Key);
    if (Key === '' || Key.length > 128) throw invalidTag('The TagKey you have provided is invalid');
    if (Value.length > 256) throw invalidTag('The TagValue you have provided is invalid');
    if (Key.toLowerCase().startsWith('aws:'))
      throw invalidTag('System tags cannot be added/updated by requester');
  }
  if (tags.length > most) throw invalidTag(`Object tags cannot be greater than ${most}`);
}
