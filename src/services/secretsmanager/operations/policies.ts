import { isPublicPolicy } from '../../../kit/public-policy.ts';
import { atEach, need } from '../../../kit/resource.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { malformedPolicy, PUBLIC, publicPolicy } from '../errors.ts';
import type { Secret } from '../model/secret.ts';
import { secret } from '../resources/secret.ts';
import { updateSecret } from '../store/secrets.ts';
import { currentSecret, onSecret } from './access.ts';
import { secretsmanager } from './declare.ts';

export const putResourcePolicy = secretsmanager(
  'putResourcePolicy',
  onSecret,
  async (ctx, input, found) => {
    const policy = input.ResourcePolicy ?? '';
    const fault = ctx.authorizer.faultOf(policy, 'resource');
    if (fault !== undefined) throw malformedPolicy(fault);
    if (input.BlockPublicPolicy && isPublicPolicy(policy)) throw publicPolicy();
    return setPolicy(ctx, found, policy);
  },
);

export const getResourcePolicy = secretsmanager(
  'getResourcePolicy',
  onSecret,
  async (_ctx, _input, { arn: ARN, name: Name, policy: ResourcePolicy }) => ({
    ARN,
    Name,
    ResourcePolicy,
  }),
);

export const deleteResourcePolicy = secretsmanager(
  'deleteResourcePolicy',
  onSecret,
  async (ctx, _input, found) => setPolicy(ctx, found, undefined),
);

async function setPolicy(ctx: ServiceContext, { arn }: Secret, policy: string | undefined) {
  return ctx.transaction(async (tx) => {
    const { policy: _, ...found } = await currentSecret(tx, arn);
    await updateSecret(tx, { ...found, ...(policy !== undefined && { policy }) });
    return { ARN: arn, Name: found.name };
  });
}

export const validateResourcePolicy = secretsmanager(
  'validateResourcePolicy',
  atEach(secret, ({ SecretId }) => (SecretId === undefined ? [] : [SecretId])),
  async (ctx, input, named) => {
    for (const located of named) await need(ctx.db, secret, located);
    const policy = input.ResourcePolicy ?? '';
    const fault = ctx.authorizer.faultOf(policy, 'resource');
    if (fault !== undefined) return failed('SYNTAX', fault);
    return isPublicPolicy(policy)
      ? failed('PUBLIC_POLICY', PUBLIC)
      : { PolicyValidationPassed: true, ValidationErrors: [] };
  },
);

const failed = (CheckName: string, ErrorMessage: string) => ({
  PolicyValidationPassed: false,
  ValidationErrors: [{ CheckName, ErrorMessage }],
});
