import { formatArn } from '../../../aws/arn.ts';
import type { TagFinder } from '../../../kit/resource-tags.ts';
import { tagsOf as read } from '../../../kit/tags.ts';
import { findIdentity } from '../store/identities.ts';
import { findPolicy } from '../store/policies.ts';

/** Of users, roles and customer managed policies. */
export const tagsOf: TagFinder = async (db, arn) => {
  const [kind, ...path] = arn.resource.split('/');
  if (kind === 'user' || kind === 'role') {
    const identity = await findIdentity(db, arn.accountId, kind, path.at(-1) ?? '');
    return identity && read(identity.data.tags);
  }
  const policy = kind === 'policy' ? await findPolicy(db, formatArn(arn)) : undefined;
  return policy && read(policy.data.tags);
};
