import * as sdk from '@aws-sdk/client-codedeploy';
import { parseArn } from '../../../aws/arn.ts';
import { exception } from '../../../aws/errors.ts';
import { anyOf } from '../../../kit/any-of.ts';
import { application } from './application.ts';
import { deploymentGroup } from './deployment-group.ts';

/** What the operations on tags take: an application or a deployment group, by its ARN. */
export const taggable = anyOf([application, deploymentGroup], ({ accountId, region }, text) => {
  if (!text) {
    throw exception(
      sdk.ResourceArnRequiredException,
      'The ARN of a resource is required, but was not found.',
    );
  }
  const arn = parseArn(text);
  if (arn?.service !== 'codedeploy' || arn.accountId !== accountId || arn.region !== region)
    throw exception(sdk.InvalidArnException, `The specified ARN is not in a valid format: ${text}`);
  const group = deploymentGroup.parse(arn);
  const own = group ?? application.parse(arn);
  if (!own)
    throw exception(sdk.ArnNotSupportedException, `The specified ARN is not supported: ${text}`);
  return { ...own, kind: group ? deploymentGroup : application, own };
});
