import type { TagFinder } from '../../../kit/resource-tags.ts';
import { tagsOf as read } from '../../../kit/tags.ts';
import { findProject } from '../store.ts';
import { findGroup } from '../store-reports.ts';

/** Of projects and report groups. */
export const tagsOf: TagFinder = async (db, owner) => {
  const [kind, name = ''] = owner.resource.split('/');
  if (kind === 'project') {
    const found = await findProject(db, owner, name);
    return found && read(found.project.tags);
  }
  const group = kind === 'report-group' ? await findGroup(db, owner, name) : undefined;
  return group && read(group.tags);
};
