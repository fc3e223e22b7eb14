import { at, byName, defineResource, type Located, type Place } from '../../../kit/resource.ts';
import { tagsOf } from '../../../kit/tags.ts';
import { groupDoesNotExist } from '../errors.ts';
import { requireApplicationName, requireGroupName } from '../operations/validate.ts';
import { findApplication, findGroup, type Group, updateGroup } from '../store/applications.ts';
import { tagList } from './application.ts';
import { tagRules } from './tag-rules.ts';

interface GroupNamed {
  applicationName?: string | undefined;
  deploymentGroupName?: string | undefined;
}

interface LocatedGroup extends Located {
  applicationName: string;
  groupName: string;
}

const named = byName('codedeploy', 'deploymentgroup:');

/** ARNs as IAM policies name them (CD-PLT-03). A missing name becomes nothing: the operation refuses it. */
export const groupArn = (place: Place, application = '', group = '') =>
  named.locate(place, `${application}/${group}`).arn;

export const deploymentGroup = defineResource<GroupNamed, LocatedGroup, Group>({
  type: 'AWS::CodeDeploy::DeploymentGroup',
  locate: (caller, { applicationName = '', deploymentGroupName: groupName = '' }) => ({
    ...named.locate(caller, `${applicationName}/${groupName}`),
    ...{ applicationName, groupName },
  }),
  parse(arn) {
    const located = named.parse(arn);
    if (!located) return undefined;
    const [applicationName = '', groupName = ''] = located.name.split('/');
    return { ...located, applicationName, groupName };
  },
  async find(db, { applicationName, groupName, ...place }) {
    const application = await findApplication(db, place, applicationName);
    return application && (await findGroup(db, application.applicationId, groupName));
  },
  check({ applicationName, groupName }) {
    requireApplicationName(applicationName);
    requireGroupName(groupName);
  },
  notFound: ({ groupName }) => groupDoesNotExist(groupName),
  tags: {
    of: ({ tags }) => tagsOf(tags),
    save: (tx, found, tags) => updateGroup(tx, { ...found, tags: tagList(tags) }),
    rules: tagRules,
  },
});

/** The permission of an operation on one deployment group. */
export const atGroup = at(deploymentGroup, (input: GroupNamed) => input);
