import { GetInstanceProfileCommand, IAMClient, type InstanceProfile } from '@aws-sdk/client-iam';
import { parseArn } from '../../../aws/arn.ts';
import { isAwsError } from '../../../aws/errors.ts';
import { passRole } from '../../../kit/pass-role.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { invalidValue, missing, noSuchProfile } from '../errors.ts';
import { instanceArn } from '../model/events.ts';
import { newId } from '../model/ids.ts';
import type { ProfileAssociation } from '../model/instance.ts';
import { SERVICE_PRINCIPAL } from './declare.ts';

interface Named {
  Arn?: string | undefined;
  Name?: string | undefined;
}

/**
 * The profile that a call gives to an instance: one of the caller's account, whose role the caller may pass to EC2.
 * @param instanceId `*` of one that is to be
 */
export async function givenProfile(
  ctx: ServiceContext,
  named: Named,
  instanceId: string,
): Promise<ProfileAssociation> {
  const sourceArn = instanceArn(ctx, instanceId);
  const profile = await findProfile(ctx, nameIn(ctx, named), sourceArn);
  const words = named.Arn ?? named.Name ?? '';
  if (!profile?.Arn || (named.Arn !== undefined && profile.Arn !== named.Arn)) {
    // Whoever may pass no role at all is not told which profiles there are.
    await ctx.authorize('iam:PassRole', `arn:aws:iam::${ctx.accountId}:role/*`, {
      conditions: { 'iam:passedtoservice': SERVICE_PRINCIPAL },
    });
    throw noSuchProfile(words);
  }
  const roleArn = profile.Roles?.[0]?.Arn;
  if (!roleArn)
    throw invalidValue(`IAM Instance Profile "${profile.Arn}" has no associated IAM Roles`);
  await passRole(ctx, { roleArn, service: SERVICE_PRINCIPAL, sourceArn });
  return {
    associationId: newId('iip-assoc'),
    arn: profile.Arn,
    id: profile.InstanceProfileId ?? '',
    since: ctx.clock.now().getTime(),
  };
}

function nameIn(ctx: ServiceContext, { Arn, Name }: Named): string {
  if (Arn === undefined) {
    if (!Name) throw missing('IamInstanceProfile.Name');
    return Name;
  }
  const arn = parseArn(Arn);
  const isOne = arn?.service === 'iam' && arn.resource.startsWith('instance-profile/');
  if (!isOne || arn.accountId !== ctx.accountId) throw noSuchProfile(Arn);
  return arn.resource.split('/').at(-1) ?? '';
}

async function findProfile(
  ctx: ServiceContext,
  InstanceProfileName: string,
  sourceArn: string,
): Promise<InstanceProfile | undefined> {
  const itself = { service: SERVICE_PRINCIPAL, sourceArn, region: ctx.region };
  const iam = ctx.client(IAMClient, { ...itself, may: ['iam:GetInstanceProfile'] });
  try {
    const command = new GetInstanceProfileCommand({ InstanceProfileName });
    return (await iam.send(command)).InstanceProfile;
  } catch (error) {
    if (isAwsError(error, 'NoSuchEntity', 'NoSuchEntityException', 'ValidationError'))
      return undefined;
    throw error;
  }
}
