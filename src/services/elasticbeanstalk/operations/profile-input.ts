import { GetInstanceProfileCommand, IAMClient } from '@aws-sdk/client-iam';
import { parseArn } from '../../../aws/arn.ts';
import { passRole } from '../../../kit/pass-role.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { isRefusal } from '../../../lib/refusal.ts';
import { invalid } from '../errors.ts';
import type { Setting } from '../model/environment.ts';
import { NS, settingOf } from '../model/settings.ts';
import { SERVICE_PRINCIPAL } from '../reconcilers/names.ts';

/** The roles that settings hand over: the instances', and the service's. @throws what says who may not, and what there is not */
export async function checkRoles(
  ctx: ServiceContext,
  settings: readonly Setting[],
  sourceArn: string,
): Promise<void> {
  const profile = settingOf({ settings }, NS.launch, 'IamInstanceProfile');
  if (profile === '') throw invalid('Environment must have instance profile associated with it.');
  const roleArn = await roleOf(ctx, profile, sourceArn);
  await passRole(ctx, { roleArn, service: 'ec2.amazonaws.com', sourceArn });
  const service = settingOf({ settings }, NS.environment, 'ServiceRole');
  if (service === '') return;
  const arn = service.startsWith('arn:')
    ? service
    : `arn:aws:iam::${ctx.accountId}:role/${service}`;
  await passRole(ctx, { roleArn: arn, service: SERVICE_PRINCIPAL, sourceArn });
}

async function roleOf(ctx: ServiceContext, profile: string, sourceArn: string): Promise<string> {
  const parsed = parseArn(profile);
  const InstanceProfileName = parsed ? parsed.resource.split('/').at(-1) : profile;
  const none = () => invalid(`The instance profile ${profile} does not exist.`);
  if (parsed && (parsed.service !== 'iam' || parsed.accountId !== ctx.accountId)) throw none();
  const itself = { service: SERVICE_PRINCIPAL, sourceArn, region: ctx.region };
  const iam = ctx.client(IAMClient, { ...itself, may: ['iam:GetInstanceProfile'] });
  try {
    const { InstanceProfile } = await iam.send(
      new GetInstanceProfileCommand({ InstanceProfileName }),
    );
    const arn = InstanceProfile?.Roles?.[0]?.Arn;
    if (!arn) throw invalid(`The instance profile ${profile} has no role.`);
    return arn;
  } catch (error) {
    if (!isRefusal(error) || error.name === 'InvalidParameterValue') throw error;
    // Whoever may pass no role at all is not told which profiles there are.
    await ctx.authorize('iam:PassRole', `arn:aws:iam::${ctx.accountId}:role/*`, {
      conditions: { 'iam:passedtoservice': 'ec2.amazonaws.com' },
    });
    throw none();
  }
}
