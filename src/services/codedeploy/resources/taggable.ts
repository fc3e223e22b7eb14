import * as sdk from '@aws-sdk/client-codedeploy';
import { parseArn } from '../../../aws/arn.ts';
import { exception } from '../../../aws/errors.ts';
import { defineResource, type Named, need } from '../../../kit/resource.ts';
import { tagsOf } from '../../../kit/tags.ts';
import {
  type Application,
  type Group,
  updateApplicationTags,
  updateGroup,
} from '../store/applications.ts';
import { application, tagList } from './application.ts';
import { deploymentGroup } from './deployment-group.ts';
import { tagRules } from './tag-rules.ts';

/** A group has the name of its own beside that of its application. */
type LocatedTaggable = Named & { groupName?: string };

/** What the operations on tags take: an application or a deployment group, by its ARN. */
export const taggable = defineResource<string | undefined, LocatedTaggable, Application | Group>({
  type: 'AWS::CodeDeploy::Application',
  locate(caller, text) {
    if (!text) {
      throw exception(
        sdk.ResourceArnRequiredException,
        'The ARN of a resource is required, but was not found.',
      );
    }
    const arn = parseArn(text);
    const { accountId, region } = caller;
    if (arn?.service !== 'codedeploy' || arn.accountId !== accountId || arn.region !== region)
      throw exception(
        sdk.InvalidArnException,
        `The specified ARN is not in a valid format: ${text}`,
      );
    const group = deploymentGroup.parse(arn);
    const located = group ? { ...group, name: group.applicationName } : application.parse(arn);
    if (!located) {
      throw exception(sdk.ArnNotSupportedException, `The specified ARN is not supported: ${text}`);
    }
    return located;
  },
  parse: () => undefined,
  async find(db, located) {
    const found = await need(db, application, located);
    const { name: applicationName, groupName } = located;
    if (groupName === undefined) return found;
    return deploymentGroup.find(db, { ...located, applicationName, groupName });
  },
  notFound: ({ groupName = '', ...located }) =>
    deploymentGroup.notFound({ ...located, applicationName: located.name, groupName }),
  tags: {
    of: ({ tags }) => tagsOf(tags),
    save: (tx, found, tags) =>
      'groupId' in found
        ? updateGroup(tx, { ...found, tags: tagList(tags) })
        : updateApplicationTags(tx, { ...found, tags: tagList(tags) }),
    rules: tagRules,
  },
});
