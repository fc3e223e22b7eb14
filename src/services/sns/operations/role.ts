import { parseArn } from '../../../aws/arn.ts';
import { unsupported } from '../../../aws/errors.ts';
import { mayAssume } from '../../../kit/may-assume.ts';
import { passRole } from '../../../kit/pass-role.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { invalid } from '../errors.ts';
import type { Subscription } from '../model/subscription.ts';

const SERVICE = 'sns.amazonaws.com';

type Asked = Pick<Subscription, 'topicArn' | 'endpoint' | 'attributes'>;

/** Takes the role of a subscription, where it has one. @throws AuthorizationErrorException, InvalidParameterException */
export async function takeRole(
  ctx: ServiceContext,
  { topicArn: sourceArn, endpoint, attributes: { SubscriptionRoleArn: roleArn } }: Asked,
): Promise<void> {
  if (roleArn === undefined) return;
  await passRole(ctx, { roleArn, service: SERVICE, sourceArn });
  if (parseArn(sourceArn)?.accountId !== ctx.accountId)
    throw unsupported('Firehose streams for topics of other accounts');
  if (parseArn(endpoint)?.accountId !== ctx.accountId) throw invalid('Firehose endpoint ARN');
  if (!(await mayAssume(ctx, { service: SERVICE, roleArn, sourceArn, region: ctx.region })))
    throw invalid(`SubscriptionRoleArn Reason: SNS cannot assume the role ${roleArn}`);
}
