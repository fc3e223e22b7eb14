import { need, on } from '../../../kit/resource.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { invalid } from '../errors.ts';
import { MAX_POLICY_BYTES } from '../limits.ts';
import { addStatement, removeStatement } from '../model/permission.ts';
import { topic as topicKind } from '../resources/topic.ts';
import { updateTopic } from '../store/topics.ts';
import { sns } from './declare.ts';

const onTopic = on(topicKind, ({ TopicArn }: { TopicArn: string | undefined }) => TopicArn);

/** @throws InvalidParameterException */
export function checkPolicy(
  { authorizer }: Pick<ServiceContext, 'authorizer'>,
  policy: string,
): void {
  if (Buffer.byteLength(policy) > MAX_POLICY_BYTES)
    throw invalid('Policy Error: The policy is longer than 30 KB');
  const fault = authorizer.faultOf(policy, 'resource');
  if (fault !== undefined) throw invalid(`Policy Error: ${fault}`);
}

export const addPermission = sns('addPermission', onTopic, async (ctx, input, { arn }) => {
  const { Label = '', AWSAccountId = [], ActionName = [] } = input;
  return changePolicy(ctx, arn, (policy) =>
    addStatement(policy, { arn, label: Label, accounts: AWSAccountId, actions: ActionName }),
  );
});

export const removePermission = sns('removePermission', onTopic, async (ctx, input, { arn }) =>
  changePolicy(ctx, arn, (policy) => removeStatement(policy, input.Label ?? '')),
);

async function changePolicy(
  ctx: ServiceContext,
  arn: string,
  change: (policy: string) => string,
): Promise<Record<string, never>> {
  await ctx.transaction(async (tx) => {
    const topic = await need(tx, topicKind, topicKind.locate(ctx, arn));
    const policy = change(topic.policy);
    checkPolicy(ctx, policy);
    await updateTopic(tx, { ...topic, policy });
  });
  return {};
}
