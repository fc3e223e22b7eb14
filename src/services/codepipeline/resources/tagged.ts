import { InvalidArnException } from '@aws-sdk/client-codepipeline';
import { type Arn, parseArn } from '../../../aws/arn.ts';
import { exception } from '../../../aws/errors.ts';
import { anyOf } from '../../../kit/any-of.ts';
import type { AnyResource } from '../../../kit/resource.ts';
import { resourceNotFound } from '../errors.ts';
import { customActionType } from './custom-action-type.ts';
import { pipeline } from './pipeline.ts';
import { webhook } from './webhook.ts';

/** What has tags, by what its ARN begins with; a pipeline's begins with nothing. */
function kindOf({ resource }: Pick<Arn, 'resource'>): AnyResource {
  if (resource.startsWith('actiontype:')) return customActionType;
  return resource.startsWith('webhook:') ? webhook : pipeline;
}

/** Whatever the operations on tags name by its ARN. */
export const tagged = anyOf(
  [pipeline, webhook, customActionType],
  ({ region: here }, text = '') => {
    const arn = parseArn(text);
    const kind = arn && kindOf(arn);
    if (
      arn?.service !== 'codepipeline' ||
      !kind ||
      (kind === pipeline && arn.resource.includes('/'))
    )
      throw exception(InvalidArnException, `The ARN '${text}' is not valid`);
    // None that is elsewhere is found.
    const own = arn.region === here ? kind.parse(arn) : undefined;
    return { accountId: arn.accountId, region: here, arn: text, kind, own };
  },
  ({ accountId, arn }) => resourceNotFound(accountId, arn.split(':').slice(5).join(':')),
);
