import type { Tx } from '../../db/database.ts';
import type { ServiceContext } from '../../kit/service.ts';
import { parameterArn } from './model/name.ts';
import type { ParameterVersion } from './model/parameter.ts';

/** https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-cwe.html */
export async function publishChange(
  ctx: ServiceContext,
  tx: Tx,
  operation: 'Create' | 'Update' | 'Delete' | 'LabelParameterVersion',
  parameter: ParameterVersion,
): Promise<void> {
  await ctx.events.publish(tx, {
    source: 'aws.ssm',
    'detail-type': 'Parameter Store Change',
    account: ctx.accountId,
    region: ctx.region,
    resources: [parameterArn(ctx, parameter.name)],
    detail: {
      operation,
      name: parameter.name,
      type: parameter.type,
      ...(parameter.description !== undefined && { description: parameter.description }),
    },
  });
}
