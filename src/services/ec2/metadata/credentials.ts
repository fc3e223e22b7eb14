import { GetInstanceProfileCommand, IAMClient } from '@aws-sdk/client-iam';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { parseArn } from '../../../aws/arn.ts';
import { isAwsError } from '../../../aws/errors.ts';
import type { Platform } from '../../../kit/service.ts';
import { instanceArn } from '../model/events.ts';
import type { Instance } from '../model/instance.ts';
import { SERVICE_PRINCIPAL } from '../operations/declare.ts';

/** What a role lets its sessions last; an hour is what every role does. */
const SECONDS = 6 * 3600;
const LEAST_SECONDS = 3600;
/** New ones are made so long before the old ones end: SDKs ask five to ten minutes before. */
const EARLY_MS = 15 * 60_000;

/** What the metadata says in the place of credentials, in AWS's words. */
export interface Said {
  Code: string;
  LastUpdated: string;
  [member: string]: string;
}

type Source = Pick<Platform, 'client' | 'clock'>;

/** EC2 itself, for this instance. */
const itself = (instance: Instance) => ({
  ...{ service: SERVICE_PRINCIPAL, region: instance.region },
  sourceArn: instanceArn(instance, instance.id),
});

/** The role of an instance's profile as it is now; undefined where it has none. */
export async function roleOf(
  { client }: Pick<Platform, 'client'>,
  instance: Instance,
): Promise<{ name: string; arn: string } | undefined> {
  const { profile } = instance.body;
  if (!profile) return undefined;
  const iam = client(IAMClient, { ...itself(instance), may: ['iam:GetInstanceProfile'] });
  const InstanceProfileName = parseArn(profile.arn)?.resource.split('/').at(-1);
  try {
    const { InstanceProfile } = await iam.send(
      new GetInstanceProfileCommand({ InstanceProfileName }),
    );
    // Another one may have the name by now.
    if (InstanceProfile?.InstanceProfileId !== profile.id) return undefined;
    const { RoleName: name, Arn: arn } = InstanceProfile.Roles?.[0] ?? {};
    return name && arn ? { name, arn } : undefined;
  } catch (error) {
    if (isAwsError(error, 'NoSuchEntity', 'NoSuchEntityException')) return undefined;
    throw error;
  }
}

/** Makes the credentials of one instance, and new ones before the old ones end. */
export function makeCredentials(platform: Source) {
  let known: { of: string; said: Said; until: number } | undefined;
  return async (instance: Instance, role: { name: string; arn: string }): Promise<Said> => {
    const now = platform.clock.now().getTime();
    const of = `${instance.body.profile?.associationId} ${role.arn}`;
    if (known?.of === of && known.until > now) return known.said;
    const said = await ask(platform, instance, role.arn);
    const until = said.Code === 'Success' ? Date.parse(said.Expiration ?? '') - EARLY_MS : 0;
    known = { of, said, until };
    return said;
  };
}

async function ask(platform: Source, instance: Instance, roleArn: string): Promise<Said> {
  const LastUpdated = `${platform.clock.now().toISOString().slice(0, 19)}Z`;
  const sts = platform.client(STSClient, itself(instance));
  const assume = (DurationSeconds: number) =>
    sts.send(
      new AssumeRoleCommand({ RoleArn: roleArn, RoleSessionName: instance.id, DurationSeconds }),
    );
  try {
    const { Credentials: given } = await assume(SECONDS).catch((error) => {
      if (!isAwsError(error, 'ValidationError')) throw error;
      return assume(LEAST_SECONDS);
    });
    return {
      ...{ Code: 'Success', LastUpdated, Type: 'AWS-HMAC' },
      AccessKeyId: given?.AccessKeyId ?? '',
      SecretAccessKey: given?.SecretAccessKey ?? '',
      Token: given?.SessionToken ?? '',
      Expiration: `${given?.Expiration?.toISOString().slice(0, 19)}Z`,
    };
  } catch (error) {
    if (!isAwsError(error, 'AccessDenied', 'AccessDeniedException')) throw error;
    const Message = `EC2 cannot assume the role ${roleArn.split('/').at(-1)}. See documentation at https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_iam-ec2.html`;
    return { Code: 'AssumeRoleUnauthorizedAccess', LastUpdated, Message };
  }
}
