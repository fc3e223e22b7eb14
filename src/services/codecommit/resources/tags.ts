import type { TagFinder } from '../../../kit/resource-tags.ts';
import { tagsOf as read } from '../../../kit/tags.ts';
import { findRepository } from '../store.ts';

/** Of repositories. */
export const tagsOf: TagFinder = async (db, { accountId, region, resource: name }) => {
  const repository = await findRepository(db, { accountId, region, name });
  return repository && read(repository.tags);
};
