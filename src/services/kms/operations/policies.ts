import { NotFoundException } from '@aws-sdk/client-kms';
import { exception } from '../../../aws/errors.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { malformedPolicy } from '../errors.ts';
import { onKey } from '../keys/use.ts';
import { MAX_POLICY_BYTES, POLICY_NAME } from '../limits.ts';
import { keyArn, type Place } from '../model/key-id.ts';
import { findKey, updateKey } from '../store/keys.ts';
import { kms } from './declare.ts';

const onOne = onKey({ aliases: false });

export const getKeyPolicy = kms('getKeyPolicy', onOne, async (_ctx, input, key) => {
  checkName(input.PolicyName);
  return { Policy: key.policy, PolicyName: POLICY_NAME };
});

export const listKeyPolicies = kms('listKeyPolicies', onOne, async () => ({
  PolicyNames: [POLICY_NAME],
  Truncated: false,
}));

export const putKeyPolicy = kms('putKeyPolicy', onOne, async (ctx, input, named) => {
  const { keyId } = named;
  checkName(input.PolicyName);
  const policy = input.Policy ?? '';
  await checkPolicy(ctx, named, input);
  await ctx.transaction(async (tx) => {
    const key = await findKey(tx, keyId);
    if (key) await updateKey(tx, { ...key, policy });
  });
  return {};
});

/**
 * Checks a policy for a key. Unless the caller says that he knows, it must let him change it again: no other way leads
 * back to a key that its policy has locked.
 * @throws MalformedPolicyDocumentException
 */
export async function checkPolicy(
  ctx: ServiceContext,
  place: Place & { keyId: string },
  { Policy: document = '', BypassPolicyLockoutSafetyCheck: bypass = false }: PolicyInput,
): Promise<void> {
  if (Buffer.byteLength(document) > MAX_POLICY_BYTES)
    throw malformedPolicy('The key policy is too long.');
  const fault = ctx.authorizer.faultOf(document, 'resource');
  if (fault !== undefined) throw malformedPolicy(fault);
  if (bypass) return;
  const decision = await ctx.authorizer.decide({
    principal: ctx.principal,
    action: 'kms:PutKeyPolicy',
    resources: [keyArn(place, place.keyId)],
    conditions: { 'kms:calleraccount': ctx.accountId },
    owner: place.accountId,
    resourcePolicy: { document, kind: 'resource', required: true },
  });
  if (!decision.allowed)
    throw malformedPolicy(
      'The new key policy will not allow you to update the key policy in the future.',
    );
}

interface PolicyInput {
  Policy?: string | undefined;
  BypassPolicyLockoutSafetyCheck?: boolean | undefined;
}

function checkName(name = POLICY_NAME): void {
  if (name !== POLICY_NAME) throw exception(NotFoundException, `No such policy exists`);
}
