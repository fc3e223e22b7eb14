import { NotFoundException } from '@aws-sdk/client-kms';
import { exception, unsupported } from '../../../aws/errors.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { malformedPolicy } from '../errors.ts';
import { authorizedKey } from '../keys.ts';
import { MAX_POLICY_BYTES, POLICY_NAME } from '../limits.ts';
import { policyProblem } from '../model/key-policy.ts';
import { findKey, updateKey } from '../store.ts';
import { kms } from './declare.ts';

export const getKeyPolicy = kms('getKeyPolicy', 'self', async (ctx, input) => {
  const use = { action: 'kms:GetKeyPolicy', aliases: false };
  const key = await authorizedKey(ctx, input.KeyId ?? '', use);
  checkName(input.PolicyName);
  return { Policy: key.policy, PolicyName: POLICY_NAME };
});

export const listKeyPolicies = kms('listKeyPolicies', 'self', async (ctx, input) => {
  await authorizedKey(ctx, input.KeyId ?? '', { action: 'kms:ListKeyPolicies', aliases: false });
  return { PolicyNames: [POLICY_NAME], Truncated: false };
});

export const putKeyPolicy = kms('putKeyPolicy', 'self', async (ctx, input) => {
  const use = { action: 'kms:PutKeyPolicy', aliases: false };
  const { keyId } = await authorizedKey(ctx, input.KeyId ?? '', use);
  checkName(input.PolicyName);
  const policy = input.Policy ?? '';
  checkPolicy(ctx, policy);
  await ctx.transaction(async (tx) => {
    const key = await findKey(tx, keyId);
    if (key) await updateKey(tx, { ...key, policy });
  });
  return {};
});

/** @throws MalformedPolicyDocumentException, NotImplemented */
export function checkPolicy(ctx: ServiceContext, policy: string): void {
  if (Buffer.byteLength(policy) > MAX_POLICY_BYTES)
    throw malformedPolicy('The key policy is too long.');
  const problem = policyProblem(policy, ctx.accountId);
  if (!problem) return;
  throw 'malformed' in problem
    ? malformedPolicy(problem.malformed)
    : unsupported(problem.unsupported);
}

function checkName(name = POLICY_NAME): void {
  if (name !== POLICY_NAME) throw exception(NotFoundException, `No such policy exists`);
}
