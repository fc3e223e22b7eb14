import type { TagFinder } from '../../../kit/resource-tags.ts';
import { tagsOf as read } from '../../../kit/tags.ts';
import { findPipeline } from '../store.ts';

/** Of pipelines, for their stages and actions too. */
export const tagsOf: TagFinder = async (db, { accountId, region, resource }) => {
  const [name = ''] = resource.split('/');
  const pipeline = await findPipeline(db, { accountId, region, name });
  return pipeline && read(pipeline.tags);
};
