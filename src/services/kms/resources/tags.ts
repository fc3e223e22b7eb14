import type { TagFinder } from '../../../kit/resource-tags.ts';
import { tagsOf as read } from '../../../kit/tags.ts';
import { findKey } from '../store.ts';

/** Of keys: aliases have no tags of their own. */
export const tagsOf: TagFinder = async (db, { accountId, region, resource }) => {
  const [kind, keyId = ''] = resource.split('/');
  const key = kind === 'key' ? await findKey(db, keyId) : undefined;
  return key?.accountId === accountId && key.region === region ? read(key.tags) : undefined;
};
