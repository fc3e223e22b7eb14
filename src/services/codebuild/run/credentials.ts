import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { isAwsError } from '../../../aws/errors.ts';
import type { ActAs } from '../../../kit/service.ts';
import { PhaseFailure } from '../model/build-state.ts';
import type { TemporaryCredentials } from '../sources/git-credential.ts';
import type { StoredBuild } from '../store/builds.ts';
import { SERVICE_PRINCIPAL, sessionName, sourceArnOf } from './service-role.ts';
import type { Session } from './session.ts';

/** How long sessions last at most that a session has begun. */
const CHAINED_SECONDS = 3600;
const MAX_SECONDS = 12 * 3600;
const SPARE_SECONDS = 600;

/** CodeBuild itself, the service that it works for, or that one's role. */
function whoAssumes(stored: StoredBuild): ActAs {
  const { region, inputs, id } = stored;
  const { byRoleArn, ...actor } = inputs.actor ?? {
    service: SERVICE_PRINCIPAL,
    sourceArn: sourceArnOf(stored),
  };
  return byRoleArn === undefined
    ? { ...actor, region }
    : { ...actor, region, roleArn: byRoleArn, sessionName: sessionName(id) };
}

/**
 * Credentials of the service role for the build itself: they last as long as the build may. Those that a role of another
 * service's gives last an hour (role chaining).
 */
export async function buildCredentials({
  platform,
  stored,
}: Session): Promise<TemporaryCredentials> {
  const { inputs, id } = stored;
  const sts = platform.client(STSClient, whoAssumes(stored));
  const wanted = Math.min(MAX_SECONDS, inputs.timeoutInMinutes * 60 + SPARE_SECONDS);
  const assume = (seconds: number) =>
    sts.send(
      new AssumeRoleCommand({
        RoleArn: inputs.serviceRole,
        RoleSessionName: sessionName(id),
        DurationSeconds: seconds,
      }),
    );
  try {
    const { Credentials } = await assume(wanted).catch((error) => {
      if (!isAwsError(error, 'ValidationError')) throw error;
      return assume(CHAINED_SECONDS);
    });
    return {
      accessKeyId: Credentials?.AccessKeyId ?? '',
      secretAccessKey: Credentials?.SecretAccessKey ?? '',
      sessionToken: Credentials?.SessionToken ?? '',
    };
  } catch (error) {
    if (!isAwsError(error, 'AccessDenied', 'AccessDeniedException')) throw error;
    throw new PhaseFailure(
      'ACCESS_DENIED',
      `CodeBuild is not authorized to perform: sts:AssumeRole on ${inputs.serviceRole}`,
    );
  }
}
