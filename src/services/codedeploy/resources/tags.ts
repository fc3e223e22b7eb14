import type { TagFinder } from '../../../kit/resource-tags.ts';
import { tagsOf as read } from '../../../kit/tags.ts';
import { findApplication, findGroup } from '../store/applications.ts';

/** Of applications and deployment groups. */
export const tagsOf: TagFinder = async (db, owner) => {
  const [kind, name = ''] = owner.resource.split(/:(.*)/s);
  if (kind !== 'application' && kind !== 'deploymentgroup') return undefined;
  const [applicationName = '', groupName = ''] = name.split('/');
  const application = await findApplication(db, owner, applicationName);
  if (!application || kind === 'application') return application && read(application.tags);
  const group = await findGroup(db, application.applicationId, groupName);
  return group && read(group.tags);
};
