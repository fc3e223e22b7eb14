import { formatArn } from '../../../aws/arn.ts';
import type { TagFinder } from '../../../kit/resource-tags.ts';
import { tagsOf as read } from '../../../kit/tags.ts';
import { findSecret } from '../store.ts';

/** Of secrets. */
export const tagsOf: TagFinder = async (db, arn) => {
  const secret = await findSecret(db, arn, { arn: formatArn(arn) });
  return secret && read(secret.tags);
};
